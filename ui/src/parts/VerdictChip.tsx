import { useQuery } from '@tanstack/react-query';
import type { Verdict } from '../api/types.ts';
import { type Judged, verdictsQuery } from '../api/verdicts.ts';
import { Chip } from './Chip.tsx';

/** The worst that was found of a session or trace, and how many labels besides; nothing where it was not judged. */
export function VerdictChip({ judged, id }: { judged: Judged; id: string }) {
  const { data: verdicts = [], error } = useQuery(verdictsQuery(judged, id));
  if (error) return <Chip title={`Could not be asked for: ${error.message}`}>?</Chip>;
  const [worst] = verdicts;
  if (!worst) return null;
  const failed = verdicts.filter((one) => one.failed > 0).length;
  return (
    <span data-testid="verdict" title={verdicts.map(verdictWords).join('\n')}>
      {failed > 0 ? (
        <Chip tone="bad">
          {worst.label}
          {failed > 1 && ` +${failed - 1}`}
        </Chip>
      ) : (
        <Chip tone="ok">{verdicts.length > 1 ? `${verdicts.length} passed` : worst.label}</Chip>
      )}
    </span>
  );
}

/** Such as "grounded (judge): 2 failed, 3 passed". */
function verdictWords({ label, source, failed, passed }: Verdict): string {
  const counts = [failed > 0 && `${failed} failed`, passed > 0 && `${passed} passed`].filter(Boolean);
  return `${label} (${source}): ${counts.join(', ')}`;
}
