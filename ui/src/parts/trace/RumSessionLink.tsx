import { Menu, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Trace, TraceSession } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { personName } from '../people.ts';
import styles from './TraceHeader.module.css';

/** How sure the link between a trace and a session is, in words. */
const SOURCE_WORDS: Record<TraceSession['source'], string> = {
  explicit: 'the agent named the session',
  baggage: 'the page sent its session along',
  header: 'a header named the session',
  trace: "the page's request started this trace",
  evaluation: 'an evaluation named the session',
  claim: 'the agent named an id that proved to be this session',
  time: 'matched by session and time',
};

/** From a trace to the person who asked: their replay at the second they asked, or why there is none. */
export function RumSessionLink({ trace }: { trace: Trace }) {
  const known = trace.sessions.filter((session) => session.exists);
  const only = known[0];
  if (!only) return <NoSession claims={trace.sessions} />;
  if (known.length === 1) return <ToSession trace={trace} session={only} />;
  return (
    <Menu>
      <Menu.Target>
        <button type="button" className={styles.rum} data-testid="rum-sessions">
          <Icon name="person" size={15} /> RUM Session · {known.length}
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.sessions ?? ''}>
        {known.map((session) => (
          <ToSession key={session.session_id} trace={trace} session={session} isOneOfMany />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ToSession(properties: { trace: Trace; session: TraceSession; isOneOfMany?: boolean }) {
  const { trace, session, isOneOfMany = false } = properties;
  const place = session.has_replay
    ? 'Opens the replay at the second they asked'
    : 'This session has no replay: opens its timeline';
  return (
    <Tooltip label={`${place} (${SOURCE_WORDS[session.source]})`}>
      <Link
        {...(session.has_replay ? toReplay(trace, session) : toTimeline(session))}
        className={styles.rum}
        data-testid="rum-session-link"
      >
        <Icon name="person" size={15} />
        RUM Session
        {isOneOfMany && <Chip tone="person">{personName(session.user, session.session_id)}</Chip>}
        {!session.has_replay && <Chip>no replay</Chip>}
      </Link>
    </Tooltip>
  );
}

function toReplay(trace: Trace, { session_id, replay_at }: TraceSession) {
  return {
    to: '/sessions/$sessionId/diptych' as const,
    params: { sessionId: session_id },
    search: { trace: trace.trace_id, ...(replay_at === null ? {} : { at: replay_at }) },
  };
}

function toTimeline({ session_id, replay_at }: TraceSession) {
  return {
    to: '/sessions/$sessionId' as const,
    params: { sessionId: session_id },
    search: { tab: 'timeline' as const, ...(replay_at === null ? {} : { t: replay_at }) },
  };
}

function NoSession({ claims }: { claims: TraceSession[] }) {
  const claim = claims[0];
  const label = claim
    ? `No RUM of session ${claim.session_id} is stored: not sampled, expired, or still on its way. This looks again by itself.`
    : 'No span of this trace names a browser session.';
  return (
    <Tooltip label={label} multiline maw={320}>
      <span data-testid="rum-session-none">
        <Chip>{claim ? 'RUM Session not known yet' : 'no RUM Session'}</Chip>
      </span>
    </Tooltip>
  );
}
