// Two ways to ask: POST with fetch, and GET with EventSource. Both give the events {event, data} as they come.

/** POST /api/chat; `signal` stops it. */
export async function* askByBody(asked, signal) {
  const response = await fetch('/api/chat', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(asked),
    signal,
  });
  if (!response.ok) throw new Error(`The shop answered ${response.status}. Please try again.`);
  let waiting = '';
  let ended = false;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (waiting + part.value).split('\n\n');
    waiting = blocks.pop();
    for (const event of blocks.map(readEvent)) {
      ended ||= event.event === 'done' || event.event === 'error';
      yield event;
    }
  }
  if (!ended) throw new Error('The answer broke off. Please try again.');
}

function readEvent(block) {
  const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block);
  return { event, data: JSON.parse(data) };
}

/** GET /api/chat as an event stream; null and undefined values are left out of the address. */
export async function* askByQuery(asked, signal) {
  const given = Object.entries(asked).filter(([, value]) => value != null);
  const source = new EventSource(`/api/chat?${new URLSearchParams(given)}`);
  const events = [];
  let wake = () => {};
  const push = (event) => {
    events.push(event);
    wake();
  };
  for (const name of ['delta', 'tool', 'sources', 'done']) {
    source.addEventListener(name, ({ data }) => push({ event: name, data: JSON.parse(data) }));
  }
  // "error" is both our event, with data, and the browser's own when the connection fails.
  source.addEventListener('error', ({ data }) =>
    push({
      event: 'error',
      data: data ? JSON.parse(data) : { message: 'The shop did not answer. Please try again.' },
    }),
  );
  signal.addEventListener('abort', () => push({ event: 'abort' }));
  try {
    for (let last = ''; last !== 'done'; ) {
      if (!events.length) await new Promise((resolve) => (wake = resolve));
      const event = events.shift();
      last = event.event;
      if (last === 'abort') throw signal.reason;
      yield event;
    }
  } finally {
    source.close();
  }
}
