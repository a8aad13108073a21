import { Menu, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Trace, TraceSession } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { personName } from '../people.ts';
import { questionSeenAt } from '../turn/question.ts';
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
      <Menu.Dropdown>
        {known.map((session) => (
          <Menu.Item
            key={session.session_id}
            title={hintOf(session)}
            rightSection={session.has_replay ? null : <Chip>no replay</Chip>}
            renderRoot={(root) => (
              <Link {...root} {...wayTo(trace, session)} data-testid="rum-session-link" />
            )}
          >
            {personName(session.user, session.session_id)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ToSession({ trace, session }: { trace: Trace; session: TraceSession }) {
  return (
    <Tooltip label={hintOf(session)}>
      <Link {...wayTo(trace, session)} className={styles.rum} data-testid="rum-session-link">
        <Icon name="person" size={15} />
        RUM Session
        {!session.has_replay && <Chip>no replay</Chip>}
      </Link>
    </Tooltip>
  );
}

/** Where the link leads, and how sure it is. */
function hintOf({ has_replay, source }: TraceSession): string {
  const place = has_replay
    ? 'Opens the replay at the second they asked'
    : 'This session has no replay: opens its timeline';
  return `${place} (${SOURCE_WORDS[source]})`;
}

function wayTo(trace: Trace, session: TraceSession) {
  return session.has_replay ? toReplay(trace, session) : toTimeline(session);
}

function toReplay(trace: Trace, { session_id, replay_at }: TraceSession) {
  return {
    to: '/sessions/$sessionId/diptych' as const,
    params: { sessionId: session_id },
    search: { trace: trace.trace_id, ...(replay_at === null ? {} : { at: questionSeenAt(replay_at) }) },
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
    ? `No RUM of session ${claim.session_id} is stored: not sampled, expired, or still on its way. This looks again by itself. Opens what both sides know of it.`
    : 'No span of this trace names a browser session. Opens the guide to why.';
  const way = claim
    ? { to: '/sessions/$sessionId' as const, params: { sessionId: claim.session_id } }
    : { to: '/docs/$name' as const, params: { name: 'troubleshooting' } };
  return (
    <Tooltip label={label} multiline maw={320}>
      <Link {...way} className={styles.none} data-testid="rum-session-none">
        {claim ? 'RUM Session not known yet' : 'no RUM Session'}
      </Link>
    </Tooltip>
  );
}
