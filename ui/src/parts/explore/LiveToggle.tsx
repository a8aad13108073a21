import { Button } from '@mantine/core';
import { goesOn, isLive, type Range } from '../range.ts';
import styles from './LiveToggle.module.css';

/** Whether what arrives is shown as it does. A range that has ended holds still by itself. */
export function LiveToggle({
  range,
  onChange,
}: {
  range: Range;
  onChange: (live: 'off' | undefined) => void;
}) {
  const isOn = isLive(range);
  return (
    <Button
      className={styles.toggle ?? ''}
      aria-pressed={isOn}
      disabled={!goesOn(range)}
      title={
        goesOn(range)
          ? isOn
            ? 'What arrives is shown at once. Click to hold the list still.'
            : 'The list is held still. Click to show what arrives.'
          : 'The time range has ended: nothing can arrive.'
      }
      leftSection={<i className={styles.dot} data-on={isOn} />}
      onClick={() => onChange(isOn ? 'off' : undefined)}
      data-testid="live"
    >
      Live
    </Button>
  );
}
