import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/me.ts';
import { Snippet } from './Snippet.tsx';

/** The snippet of the page side. Keys are shown once, by the command that creates them. */
export function PageSteps() {
  const url = useServerUrl();
  return (
    <>
      <p>
        Create a client key with <code>diptych keys create client</code> (it is shown once), then add this to
        your page. The first session stands here within a second or two.
      </p>
      <Snippet
        title="In the page"
        code={`<script src="${url}/sdk/diptych.js"></script>
<script>
  diptych.init({
    url: "${url}",
    clientToken: "dip_client_…",
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
  return (
    <>
      <p>
        Create a server key with <code>diptych keys create server</code> (it is shown once), then start
        tracing in your agent. Any OpenTelemetry sender can post to <code>{url}/v1/traces</code> with the same
        key.
      </p>
      <Snippet
        title="In the agent (Python)"
        code={`from diptych import LLMObs

LLMObs.enable(ml_app="my-agent", url="${url}", key="dip_server_…")

# where a request of the page is handled, to tie its trace to the session:
LLMObs.annotate(span=None, tags={"session_id": session_id})`}
      />
    </>
  );
}

function useServerUrl(): string {
  const { data: me } = useQuery(meQuery());
  return (me?.public_url ?? window.location.origin).replace(/\/$/, '');
}
