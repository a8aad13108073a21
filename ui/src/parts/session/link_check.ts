import type { LinkCheck } from '../../api/types.ts';
import type { Check } from './check.ts';
import { idChecks } from './id_checks.tsx';
import { sessionChecks } from './session_checks.tsx';

/** The checks in the order in which things go: the page, the network, the agent. */
export function checksOf(known: LinkCheck): Check[] {
  return known.session_exists ? sessionChecks(known) : idChecks(known);
}

/** The fault to mend first: a side that sends nothing at all explains all the others. */
export function likeliest(checks: Check[]): Check | undefined {
  const faults = checks.filter(({ state }) => state === 'fault');
  return faults.find(({ id }) => id === 'agent' || id === 'pages') ?? faults[0];
}
