import { Chip } from './Chip.tsx';
import { isLive, type Range, rangeWords } from './range.ts';

/** Whether what stands in a list is of this second. */
export function ListNote({ list, range }: { list: { error: Error | null }; range: Range }) {
  if (list.error) return <Chip tone="bad">not live: {list.error.message}</Chip>;
  return <>{isLive(range) ? 'live' : rangeWords(range)}</>;
}
