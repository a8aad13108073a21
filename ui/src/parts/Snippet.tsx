import { ActionIcon, CopyButton } from '@mantine/core';
import { Icon } from './Icon.tsx';
import styles from './Snippet.module.css';

/** A few lines of code to copy. */
export function Snippet({ title, code }: { title: string; code: string }) {
  return (
    <figure className={styles.snippet}>
      <figcaption>
        {title}
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <ActionIcon size="sm" onClick={copy} aria-label={`Copy: ${title}`}>
              <Icon name={copied ? 'check' : 'copy'} size={14} />
            </ActionIcon>
          )}
        </CopyButton>
      </figcaption>
      <pre>{code}</pre>
    </figure>
  );
}
