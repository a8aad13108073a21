import { TextInput } from '@mantine/core';
import { useRef } from 'react';
import styles from './FindBox.module.css';
import { Icon } from './Icon.tsx';
import { useKeys } from './keys.ts';

interface Properties {
  value: string;
  onChange: (value: string) => void;
  /** What it finds, for who cannot see where it stands. */
  label: string;
  /** What was found, in words; shown beside what was typed. */
  note?: string;
}

/** Words to find; `/` leads here, escape empties it and leads back. */
export function FindBox({ value, onChange, label, note }: Properties) {
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  return (
    <TextInput
      ref={input}
      className={styles.box ?? ''}
      size="xs"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onChange('');
        event.currentTarget.blur();
      }}
      placeholder="Find"
      aria-label={label}
      leftSection={<Icon name="find" size={14} />}
      rightSection={value ? <span className={styles.note}>{note}</span> : <kbd>/</kbd>}
      rightSectionWidth={value && note ? 84 : 30}
      data-testid="find"
    />
  );
}
