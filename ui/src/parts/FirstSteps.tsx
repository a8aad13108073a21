import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchSessions, fetchTraces } from '../api/lists.ts';
import { meQuery } from '../api/me.ts';
import { useIsVisible } from './explore/live.ts';
import styles from './FirstSteps.module.css';
import { Icon } from './Icon.tsx';
import { Snippet } from './Snippet.tsx';

const EVER = '1970-01-01T00:00:00Z';
const LOOK_AGAIN_MS = 1_000;

/** Which sides have ever sent something to this project. */
export interface Arrivals {
  page: boolean;
  agent: boolean;
}

/** Looks again every second until both sides have sent something; undefined before the first answer. */
export function useArrivals(): Arrivals | undefined {
  const isVisible = useIsVisible();
  const { data } = useQuery({
    queryKey: ['arrivals'],
    queryFn: async ({ signal }) => {
      const question = { from: EVER, to: null, query: '', limit: 1 };
      const [sessions, traces] = await Promise.all([
        fetchSessions(question, null, signal),
        fetchTraces(question, null, signal),
      ]);
      return { page: sessions.items.length > 0, agent: traces.items.length > 0 };
    },
    refetchInterval: ({ state }) =>
      isVisible && !(state.data?.page && state.data.agent) ? LOOK_AGAIN_MS : false,
  });
  return data;
}

/** The way in, one step a side; a step turns green as its side's first event arrives. */
export function FirstRun({ arrivals }: { arrivals: Arrivals }) {
  return (
    <div className={styles.steps} data-testid="first-run">
      <Step
        isDone={arrivals.page}
        title="1. The page"
        wait="Waiting for the first event of a page"
        testId="step-page"
      >
        <PageSteps />
      </Step>
      <Step
        isDone={arrivals.agent}
        title="2. The agent"
        wait="Waiting for the first span of an agent"
        testId="step-agent"
      >
        <AgentSteps />
      </Step>
    </div>
  );
}

function Step(properties: {
  isDone: boolean;
  title: string;
  wait: string;
  testId: string;
  children: React.ReactNode;
}) {
  const { isDone } = properties;
  return (
    <section className={styles.step} data-done={isDone} data-testid={properties.testId}>
      <header>
        <h2>{properties.title}</h2>
        <span className={styles.state} role="status">
          {isDone ? <Icon name="check" size={15} /> : <i className={styles.pulse} />}
          {isDone ? 'It arrives' : properties.wait}
        </span>
      </header>
      {!isDone && properties.children}
    </section>
  );
}

/** The snippet of the page side. Keys are shown once, by the command that creates them. */
export function PageSteps() {
  const url = useServerUrl();
  const [key, setKey] = useState('');
  return (
    <>
      <p>
        The first start of the server printed a client key; <code>diptych keys create client</code> makes
        another. Add this to your page, and the first session stands here within a second or two.
      </p>
      <KeyField kind="client" value={key} onChange={setKey} />
      <Snippet
        title="In the page"
        code={`<script src="${url}/sdk/diptych.js"></script>
<script>
  diptych.init({
    url: "${url}",
    clientToken: "${key || 'dip_client_…'}",
    applicationId: "my-app",
  });
</script>`}
      />
    </>
  );
}

/** The snippet of the agent side. */
export function AgentSteps() {
  const url = useServerUrl();
  const [key, setKey] = useState('');
  return (
    <>
      <p>
        The first start of the server printed a server key; <code>diptych keys create server</code> makes
        another. Start tracing in your agent with it; any OpenTelemetry sender can post to{' '}
        <code>{url}/v1/traces</code> with the same key.
      </p>
      <KeyField kind="server" value={key} onChange={setKey} />
      <Snippet
        title="In the agent (Python)"
        code={`from diptych import LLMObs

LLMObs.enable(ml_app="my-agent", url="${url}", key="${key || 'dip_server_…'}")

# where a request of the page is handled, to tie its trace to the session:
LLMObs.annotate(span=None, tags={"session_id": session_id})`}
      />
    </>
  );
}

/** The server keeps no key that could be read back: whoever has it puts it here, and it stays in this page. */
function KeyField(properties: { kind: 'client' | 'server'; value: string; onChange: (key: string) => void }) {
  const { kind, value, onChange } = properties;
  return (
    <TextInput
      size="xs"
      className={styles.key ?? ''}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
      placeholder={`Paste your ${kind} key to fill it in (it stays in this page)`}
      aria-label={`Your ${kind} key`}
      error={value && !value.startsWith(`dip_${kind}_`) ? `A ${kind} key begins with dip_${kind}_` : null}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function useServerUrl(): string {
  const { data: me } = useQuery(meQuery());
  return (me?.public_url ?? window.location.origin).replace(/\/$/, '');
}
