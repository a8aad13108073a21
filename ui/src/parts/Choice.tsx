import type { ReactNode } from 'react';
import styles from './Choice.module.css';
import { Icon } from './Icon.tsx';

/** One line of a popover that holds more than a menu may (fields, forms). */
export function Choice(properties: {
  isOn?: boolean;
  tone?: 'bad';
  onClick: () => void;
  testId?: string;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={styles.choice}
      data-tone={properties.tone}
      aria-pressed={properties.isOn}
      onClick={properties.onClick}
      data-testid={properties.testId}
    >
      <span className={styles.words}>{properties.children}</span>
      {properties.isOn && <Icon name="check" size={14} />}
    </button>
  );
}
