import { ActionIcon, Tooltip } from '@mantine/core';
import { Icon } from '../../parts/Icon.tsx';

/** Gives a panel the whole width, and takes it back. */
export function FullButton(properties: {
  isFull: boolean;
  onClick: () => void;
  label: string;
  keyName: string;
}) {
  const { isFull, onClick, label, keyName } = properties;
  const words = isFull ? 'Both panels' : `Only the ${label}`;
  return (
    <Tooltip label={`${words} (${keyName})`}>
      <ActionIcon size={24} onClick={onClick} aria-label={words} aria-pressed={isFull}>
        <Icon name={isFull ? 'close' : 'full'} size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
