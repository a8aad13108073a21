import { useQuery } from '@tanstack/react-query';
import { healthQuery } from '../api/health.ts';
import { counted } from './amounts.ts';
import { Chip } from './Chip.tsx';
import { goesOn, isLive, type Range, rangeWords } from './range.ts';

/** Whether what stands in a list is of this second, and whether anything that was sent is missing. */
export function ListNote({ list, range }: { list: { error: Error | null }; range: Range }) {
  if (list.error) return <Chip tone="bad">not live: {list.error.message}</Chip>;
  return (
    <>
      {rangeWords(range).toLowerCase()}
      {goesOn(range) && !isLive(range) && ', held still'} <Dropped />
    </>
  );
}

/** What the server had to drop since it started, by reason. */
function Dropped() {
  const { data: health } = useQuery(healthQuery());
  const reasons = Object.entries(health?.dropped ?? {}).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const title = reasons.map(([reason, count]) => `${reason.replaceAll('_', ' ')}: ${count}`).join('\n');
  return (
    <Chip tone="warn" title={`Since the server started\n${title}`}>
      {counted(total, 'item')} dropped
    </Chip>
  );
}
