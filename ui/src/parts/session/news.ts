import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Session } from '../../api/types.ts';

const PARTS = ['events', 'traces', 'replay', 'turns'] as const;

/**
 * Asks for the parts of a session again when its totals say that something arrived. `session` is null where none
 * of that id is stored, and undefined as long as that is not known.
 */
export function useNews(sessionId: string, session: Session | null | undefined): void {
  const queries = useQueryClient();
  const totals = session ? totalsOf(session) : session;
  const known = useRef(totals);
  useEffect(() => {
    const before = known.current;
    known.current = totals;
    if (before === undefined || before === totals) return;
    for (const part of PARTS) void queries.invalidateQueries({ queryKey: ['session', sessionId, part] });
  }, [queries, sessionId, totals]);
}

function totalsOf({ last_seen, resources, actions, traces, tokens, replay_ms, answers }: Session): string {
  return [last_seen, resources, actions, traces, tokens.total, replay_ms, answers].join(' ');
}
