import { useState } from 'react';
import styles from './JsonTree.module.css';

/** Members shown of a long object or list before the rest is asked for. */
const SHOWN = 100;
/** Levels that stand open at first. */
const OPEN_DEPTH = 2;

/** Any JSON value as a tree to open and close. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={styles.tree}>
      <Node name={null} value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const label = name === null ? null : <span className={styles.name}>{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={styles.leaf}>
        {label}
        <span className={styles[kindOf(value)]}>{JSON.stringify(value) ?? 'undefined'}</span>
      </div>
    );
  }
  return <Branch label={label} value={value} depth={depth} />;
}

function Branch({ label, value, depth }: { label: React.ReactNode; value: object; depth: number }) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(SHOWN);
  const members = Object.entries(value);
  const size = Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span className={styles.size}>{size}</span>
      </summary>
      {isOpen && (
        <div className={styles.members}>
          {members.slice(0, shown).map(([name, member]) => (
            <Node key={name} name={name} value={member} depth={depth + 1} />
          ))}
          {members.length > shown && (
            <button type="button" className={styles.more} onClick={() => setShown(shown + SHOWN)}>
              {members.length - shown} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function kindOf(value: unknown): 'text' | 'number' | 'other' {
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'other';
}
