import { Button, Divider, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Choice } from './Choice.tsx';
import { Icon } from './Icon.tsx';
import { DEFAULT_FROM, PRESETS, type Range, rangeWords } from './range.ts';

/** The time range of a list: presets, or two moments of one's own. */
export function RangePicker({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const [isOpen, setOpen] = useState(false);
  const choose = (next: Range) => {
    setOpen(false);
    onChange(next);
  };
  return (
    <Popover
      width={248}
      opened={isOpen}
      onChange={setOpen}
      position="bottom-end"
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
      shadow="md"
    >
      <Popover.Target>
        <Button
          rightSection={<Icon name="down" size={14} />}
          onClick={() => setOpen(!isOpen)}
          data-testid="time-range"
        >
          {rangeWords(range)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Time range">
        {PRESETS.map((preset) => (
          <Choice
            key={preset.from}
            isOn={preset.from === (range.from ?? DEFAULT_FROM)}
            onClick={() => choose({ from: preset.from })}
          >
            {preset.label}
          </Choice>
        ))}
        <Divider my={4} />
        <OwnRange range={range} onChange={choose} />
      </Popover.Dropdown>
    </Popover>
  );
}

function OwnRange({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const [from, setFrom] = useState(() => localMinute(range.from));
  const [to, setTo] = useState(() => localMinute(range.to));
  return (
    <Stack gap={8} p={8}>
      <Text size="xs" c="dimmed">
        Between two moments (empty end: now)
      </Text>
      <TextInput
        type="datetime-local"
        size="xs"
        aria-label="From"
        value={from}
        onChange={(e) => setFrom(e.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        size="xs"
        aria-label="To"
        value={to}
        onChange={(e) => setTo(e.currentTarget.value)}
      />
      <Button
        disabled={!from}
        onClick={() =>
          onChange({ from: new Date(from).toISOString(), to: to ? new Date(to).toISOString() : undefined })
        }
      >
        Apply
      </Button>
    </Stack>
  );
}

/** A moment in the form of an `<input type="datetime-local">`; empty for presets and nothing. */
function localMinute(moment: string | undefined): string {
  const date = new Date(moment ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
