import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Arrivals, arrivalsQuery } from '../api/arrivals.ts';
import { keysQuery, makeKey, type SenderKind } from '../api/keys.ts';
import { meQuery } from '../api/me.ts';
import { useIsVisible } from './explore/live.ts';
import styles from './FirstSteps.module.css';
import { Icon } from './Icon.tsx';
import { Snippet } from './Snippet.tsx';

const LOOK_AGAIN_MS = 1_000;

/** Looks again every second until both sides have sent something; undefined before the first answer. */
export function useArrivals(): Arrivals | undefined {
  const isVisible = useIsVisible();
  const { data } = useQuery({
    ...arrivalsQuery(),
    refetchInterval: ({ state }) =>
      isVisible && !(state.data?.page && state.data.agent) ? LOOK_AGAIN_MS : false,
  });
  return data;
}

/**
 * The way in, one step a side; a step turns green as its side's first event arrives. Nothing where both sides were
 * there from the start; once shown, it stays until the page is left.
 */
export function FirstRun({ arrivals }: { arrivals: Arrivals }) {
  const [isFirstRun] = useState(!(arrivals.page && arrivals.agent));
  if (!isFirstRun) return null;
  return (
    <div className={styles.steps} data-testid="first-run">
      <Step
        isDone={arrivals.page}
        title="1. The page"
        wait="Waiting for the first event of a page"
        next={<Link to="/sessions">See the sessions</Link>}
        testId="step-page"
      >
        <PageSteps />
      </Step>
      <Step
        isDone={arrivals.agent}
        title="2. The agent"
        wait="Waiting for the first span of an agent"
        next={<Link to="/traces">See the LLM traces</Link>}
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
  /** The way on, once it arrives. */
  next: ReactNode;
  testId: string;
  children: ReactNode;
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
      {isDone ? <p className={styles.next}>{properties.next}</p> : properties.children}
    </section>
  );
}

/** The snippet of the page side, with a key of its own. */
export function PageSteps() {
  const url = useServerUrl();
  const [key, setKey] = useShownKey('client');
  return (
    <>
      <p>Add this to your page, and the first session stands here within a second or two.</p>
      <KeyLine kind="client" value={key} onChange={setKey} />
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

/** The snippet of the agent side, with a key of its own. */
export function AgentSteps() {
  const url = useServerUrl();
  const [key, setKey] = useShownKey('server');
  return (
    <>
      <p>
        Start tracing in your agent; any OpenTelemetry sender can post to <code>{url}/v1/traces</code> with
        the same key as Bearer.
      </p>
      <KeyLine kind="server" value={key} onChange={setKey} />
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

/**
 * The key that the snippets of this kind hold. It lives in the memory of this page alone: gone when it is loaded
 * anew, or another project is shown.
 */
function useShownKey(kind: SenderKind): [string, (key: string) => void] {
  const queries = useQueryClient();
  const { data = '' } = useQuery<string>({
    queryKey: ['shown-key', kind],
    enabled: false,
    initialData: '',
    gcTime: Number.POSITIVE_INFINITY,
  });
  return [data, (key) => queries.setQueryData(['shown-key', kind], key)];
}

/** A new key at one press; or one that the person has, since the server keeps none that could be read back. */
function KeyLine(properties: { kind: SenderKind; value: string; onChange: (key: string) => void }) {
  const { kind, value, onChange } = properties;
  const queries = useQueryClient();
  const making = useMutation({
    mutationFn: () => makeKey(kind),
    onSuccess: ({ secret }) => {
      onChange(secret);
      void queries.invalidateQueries({ queryKey: keysQuery().queryKey });
    },
  });
  const refused = making.error?.message ?? null;
  const isOther = value !== '' && !value.startsWith(`dip_${kind}_`);
  return (
    <div className={styles.key}>
      <Button
        variant={value ? 'default' : 'filled'}
        onClick={() => making.mutate()}
        loading={making.isPending}
        disabled={making.isSuccess && value === making.data.secret}
        data-testid={`make-${kind}-key`}
      >
        Make a {kind} key
      </Button>
      <TextInput
        size="xs"
        className={styles.field ?? ''}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
        placeholder={`or paste a ${kind} key that you have`}
        aria-label={`Your ${kind} key`}
        error={refused ?? (isOther ? `A ${kind} key begins with dip_${kind}_` : null)}
        autoComplete="off"
        spellCheck={false}
      />
      {value && !isOther && (
        <p className={styles.once} role="status">
          The server cannot show it again: copy it now.{' '}
          {kind === 'client'
            ? 'It is public, as all that stands in a page; it can only send.'
            : 'It is secret: keep it out of the page.'}{' '}
          <Link to="/settings">Settings</Link> lists the keys and revokes them.
        </p>
      )}
    </div>
  );
}

function useServerUrl(): string {
  const { data: me } = useQuery(meQuery());
  return (me?.public_url ?? window.location.origin).replace(/\/$/, '');
}
