import { Link } from '@tanstack/react-router';
import type { LinkCheck } from '../../api/types.ts';
import { counted, countWords } from '../amounts.ts';
import { AgentSteps } from '../FirstSteps.tsx';
import type { Check } from './check.ts';

/** Of a session that no LLM trace belongs to. */
export function sessionChecks(known: LinkCheck): Check[] {
  return [
    asked(known),
    requests(known),
    traceIds(known),
    refused(known),
    agent(known),
    seen(known),
    llm(known),
    named(known),
  ];
}

function asked({ answers }: LinkCheck): Check {
  return {
    id: 'asked',
    section: 'the-question',
    title: 'The person asked an agent',
    ...(answers > 0
      ? { state: 'ok', found: `The page saw ${counted(answers, 'answer')} arrive.` }
      : { state: 'unknown', found: 'The page saw no answer arrive: perhaps nobody asked.' }),
  };
}

function requests({ requests }: LinkCheck): Check {
  return {
    id: 'requests',
    section: 'the-pages-requests',
    title: 'Its requests are seen',
    ...(requests > 0
      ? { state: 'ok', found: `${counted(requests, 'fetch, XHR or answer', 'fetches, XHR and answers')}.` }
      : {
          state: 'unknown',
          found:
            'No fetch, XHR or answer is stored: trackResources is off, or the SDK was started after the code that asks.',
        }),
  };
}

function traceIds({ requests, traced_requests, untraced_origins }: LinkCheck): Check {
  const check = { id: 'ids', section: 'trace-ids', title: 'Its requests carry a trace id' };
  const where = untraced_origins.join(', ');
  if (requests === 0) return { ...check, state: 'unknown', found: 'There was no request to carry one.' };
  if (traced_requests > 0) {
    const others = where ? ` Those to ${where} did not.` : '';
    return {
      ...check,
      state: 'ok',
      found: `${countWords(traced_requests)} of ${countWords(requests)} did.${others}`,
    };
  }
  return {
    ...check,
    state: 'fault',
    title: 'No request carries a trace id',
    found: `None of ${counted(requests, 'request')} did${where ? `; they went to ${where}` : ''}.`,
    remedy: (
      <p>
        Only the page's own origin gets them unasked. Name the others in the page:{' '}
        <code>
          allowedTracingUrls: [
          {untraced_origins.map((origin) => `'${origin}'`).join(', ') || "'https://agent.example.com'"}]
        </code>
      </p>
    ),
  };
}

function refused({ requests, failed_requests }: LinkCheck): Check {
  const check = { id: 'cors', section: 'cors', title: 'No request was refused on the way' };
  if (requests === 0) return { ...check, state: 'unknown', found: 'There was no request to refuse.' };
  if (failed_requests === 0) return { ...check, state: 'ok', found: 'Every request had an answer.' };
  return {
    ...check,
    state: 'fault',
    title: 'Requests were refused on the way',
    found: `${counted(failed_requests, 'request')} had no answer (status 0): refused by CORS, blocked, or no network.`,
    remedy: (
      <p>
        The origin that was asked has to answer the preflight with{' '}
        <code>Access-Control-Allow-Headers: content-type, traceparent, tracestate, baggage</code>
      </p>
    ),
  };
}

function agent({ project_has_traces }: LinkCheck): Check {
  return {
    id: 'agent',
    section: 'the-agent',
    title: 'An agent sends to this project',
    ...(project_has_traces
      ? { state: 'ok', found: 'LLM traces of this project are stored.' }
      : {
          state: 'fault',
          title: 'No agent has ever sent to this project',
          found: 'The server is waiting for its first LLM trace.',
          remedy: <AgentSteps />,
        }),
  };
}

function seen(known: LinkCheck): Check {
  const { traced_requests, unseen_traces, unseen_trace_id, traces_without_llm, answers } = known;
  const check = {
    id: 'seen',
    section: 'ids-seen-on-one-side-only',
    title: 'The trace ids of the page are on the agent’s side',
  };
  if (traced_requests === 0) return { ...check, state: 'unknown', found: 'The page sent none.' };
  if (unseen_traces === 0) return { ...check, state: 'ok', found: 'Spans of all of them are stored.' };
  const example = (
    <>
      {counted(unseen_traces, 'id')} that the page sent {unseen_traces === 1 ? 'is' : 'are'} in no span here
      {unseen_trace_id && (
        <>
          , such as <code>{unseen_trace_id}</code>
        </>
      )}
      .
    </>
  );
  // Requests that no agent has to do with are often never traced.
  if (traces_without_llm > 0 || answers === 0) return { ...check, state: 'unknown', found: example };
  return {
    ...check,
    state: 'fault',
    title: 'The agent’s side has not seen the page’s trace ids',
    found: example,
    remedy: (
      <p>
        The service that takes the request has to take up its <code>traceparent</code>: the Python SDK does in
        FastAPI, Starlette, Flask, Django and aiohttp’s server, elsewhere{' '}
        <code>LLMObs.activate_distributed_headers(headers)</code>.
      </p>
    ),
  };
}

function llm({ traces_without_llm, traced_requests }: LinkCheck): Check {
  const check = { id: 'llm', section: 'llm-spans', title: 'Those traces hold spans of an agent or a model' };
  if (traces_without_llm > 0) {
    return {
      ...check,
      state: 'fault',
      title: 'The traces of the page’s ids have no span of an agent or a model',
      found: `Spans of ${counted(traces_without_llm, 'trace')} are stored, none of them of an agent, a model or a tool.`,
      remedy: (
        <p>
          Call <code>LLMObs.enable(…)</code> before the model's client is made, or mark the functions with{' '}
          <code>@agent</code>, <code>@workflow</code>, <code>@tool</code>.
        </p>
      ),
    };
  }
  const found = traced_requests > 0 ? 'None of the ids was found yet.' : 'The page sent no trace id.';
  return { ...check, state: 'unknown', found };
}

function named({ homeless_traces, homeless_trace_id, project_has_traces }: LinkCheck): Check {
  const check = {
    id: 'named',
    section: 'session-ids',
    title: 'LLM traces of that time name their session',
  };
  if (!project_has_traces) return { ...check, state: 'unknown', found: 'There is no LLM trace.' };
  if (homeless_traces === 0)
    return { ...check, state: 'ok', found: 'None that began while this session went on is without one.' };
  return {
    ...check,
    state: 'fault',
    title: 'LLM traces of that time name no session',
    found: (
      <>
        {counted(homeless_traces, 'LLM trace')} began while this session went on and{' '}
        {homeless_traces === 1 ? 'names' : 'name'} no session
        {homeless_trace_id && (
          <>
            , such as{' '}
            <Link to="/traces/$traceId" params={{ traceId: homeless_trace_id }}>
              {homeless_trace_id.slice(0, 8)}
            </Link>
          </>
        )}
        .
      </>
    ),
    remedy: (
      <p>
        Hand the page's session on: by <code>baggage</code>, or{' '}
        <code>LLMObs.annotate(span=None, tags={'{"session_id": session_id}'})</code>
      </p>
    ),
  };
}
