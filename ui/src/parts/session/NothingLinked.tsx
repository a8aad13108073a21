import type { RumEvent, Session } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import styles from './NothingLinked.module.css';

/** Why no trace is tied to a session, checked against what its page sent: the first that fails is the likely cause. */
export function NothingLinked({ session, events }: { session: Session; events: RumEvent[] }) {
  const requests = events.filter(
    ({ type, resource_type: kind }) =>
      type === 'answer' || (type === 'resource' && (kind === 'fetch' || kind === 'xhr')),
  );
  const traced = requests.filter((event) => event.trace_id);
  const checks = [
    {
      isMet: requests.length > 0,
      title: 'The page asked something',
      hint: 'No fetch, XHR or answer of this session is stored: its page asked nothing, or its requests are not recorded.',
    },
    {
      isMet: traced.length > 0,
      title: 'Its requests carried a trace',
      hint: 'List the agent’s address in allowedTracingUrls. For another origin, its CORS answer must allow the headers traceparent and baggage; traceSampleRate below 100 leaves requests out.',
    },
    {
      isMet: session.traces > 0,
      title: 'The agent sent spans of that trace',
      hint: 'Its ids are seen on the page’s side only. Is LLMObs.enable() called with a server key, does the agent continue traceparent (or read baggage session.id), does it sample, and does its exporter reach this server?',
    },
  ];
  return (
    <section className={styles.why} data-testid="nothing-linked">
      <h3>Why is nothing linked?</h3>
      <ol>
        {checks.map(({ isMet, title, hint }) => (
          <li key={title}>
            <Chip tone={isMet ? 'ok' : 'warn'}>{isMet ? 'yes' : 'no'}</Chip>
            <div>
              <b>{title}</b>
              {!isMet && <p>{hint}</p>}
            </div>
          </li>
        ))}
      </ol>
      {traced[0]?.trace_id && (
        <p>
          The page sent trace <code>{traced[0].trace_id}</code>.
        </p>
      )}
    </section>
  );
}
