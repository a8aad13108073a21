import type { LinkCheck, TraceSession } from '../../api/types.ts';
import { counted } from '../amounts.ts';
import { PageSteps } from '../FirstSteps.tsx';
import { exactWords, whenWords } from '../times.ts';
import type { Check } from './check.ts';

/** Of an id that no browser session answers to. */
export function idChecks(known: LinkCheck): Check[] {
  return [namedBy(known), pages(known), around(known), sampling(known)];
}

/** How traces come to name a session. */
const SOURCE_WORDS: Record<TraceSession['source'], string> = {
  explicit: 'the agent said it',
  baggage: 'the page’s baggage said it',
  header: 'a header said it',
  trace: 'a request of the page started the trace',
  evaluation: 'an evaluation said it',
  claim: 'the agent calls it session.id',
  time: 'by the time',
};

function namedBy({ named_at, named_by }: LinkCheck): Check {
  const check = { id: 'named-by', section: 'who-names-it', title: 'A trace names this id' };
  if (named_at === null)
    return {
      ...check,
      state: 'unknown',
      found: 'None does: the id may be mistyped, or what both sides sent has expired.',
    };
  const how = named_by.map((source) => SOURCE_WORDS[source as TraceSession['source']] ?? source).join(', ');
  const when = <time title={exactWords(named_at)}>{whenWords(named_at)}</time>;
  const isOnlyClaim = named_by.every((source) => source === 'claim');
  return {
    ...check,
    state: isOnlyClaim ? 'unknown' : 'ok',
    found: (
      <>
        Last {when}: {how}.
        {isOnlyClaim && ' Many agents call a conversation so; it need not be a browser session at all.'}
      </>
    ),
  };
}

function pages({ project_has_sessions }: LinkCheck): Check {
  return {
    id: 'pages',
    section: 'the-pages-side',
    title: 'Pages send to this project',
    ...(project_has_sessions
      ? { state: 'ok', found: 'Browser sessions of this project are stored.' }
      : {
          state: 'fault',
          title: 'No page has ever sent to this project',
          found: 'The server is waiting for its first browser session.',
          remedy: <PageSteps />,
        }),
  };
}

function around({ named_at, sessions_around, project_has_sessions }: LinkCheck): Check {
  const check = { id: 'around', section: 'pages-at-that-time', title: 'Pages were sending at that time' };
  if (named_at === null || !project_has_sessions)
    return { ...check, state: 'unknown', found: 'There is nothing to compare with.' };
  if (sessions_around > 0)
    return {
      ...check,
      state: 'ok',
      found: `${counted(sessions_around, 'session')} went on within ten minutes of it: this one was left out.`,
    };
  return {
    ...check,
    state: 'fault',
    title: 'Pages were not sending at that time',
    found: 'No session went on within ten minutes of it.',
    remedy: (
      <p>
        Look into the console of the page: a blocker, a Content Security Policy without this server in{' '}
        <code>connect-src</code>, or a wrong key.
      </p>
    ),
  };
}

function sampling({ session_sample_rate }: LinkCheck): Check {
  const check = { id: 'sampling', section: 'sampling', title: 'Pages record every session' };
  if (session_sample_rate === null)
    return { ...check, state: 'unknown', found: 'No page has said its sessionSampleRate in the last day.' };
  if (session_sample_rate >= 100)
    return { ...check, state: 'ok', found: 'sessionSampleRate is 100, as the latest view said.' };
  return {
    ...check,
    state: 'fault',
    title: `Pages record ${session_sample_rate} % of sessions`,
    found: 'So the latest view said: this one was probably left out.',
    remedy: (
      <p>
        <code>sessionSampleRate: 100</code> records all of them.
      </p>
    ),
  };
}
