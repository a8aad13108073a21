/**
 * What a team on Datadog has in its page, with `proxy` pointed at Diptych. The query says how:
 * major (5, 6, 7), proxy (string, function), server, token, agent, join (body, headers), and more options as
 * JSON.
 */

const query = new URLSearchParams(location.search);
const server = query.get('server');

const card = document.getElementById('card').attachShadow({ mode: 'open' });
card.innerHTML = '<p id="price">€ 349</p>';
const sheet = new CSSStyleSheet();
sheet.replaceSync('p { color: rgb(180, 85, 45); }');
card.adoptedStyleSheets = [sheet];
document.adoptedStyleSheets = [sheet];

/** Every event as it leaves the SDK, for the tests. */
window.sent = [];

await load(`/datadog-rum-${query.get('major') ?? '7'}/bundle/datadog-rum.js`);

const asFunction = ({ path, parameters }) => `${server}/datadog${path}?${parameters}`;

window.DD_RUM.init({
  applicationId: '6f1f7e54-3c1b-4c9e-8a52-0d6c5f3c0001',
  clientToken: query.get('token'),
  site: 'datadoghq.com',
  proxy: query.get('proxy') === 'function' ? asFunction : `${server}/datadog`,
  service: 'tent-shop',
  env: 'test',
  version: '1.2.3',
  sessionSampleRate: 100,
  sessionReplaySampleRate: 100,
  startSessionReplayRecordingManually: false,
  trackUserInteractions: true,
  trackResources: true,
  trackLongTasks: true,
  defaultPrivacyLevel: 'mask-user-input',
  allowedTracingUrls: [query.get('agent')].filter(Boolean),
  beforeSend: (event) => {
    window.sent.push(JSON.parse(JSON.stringify(event)));
    return true;
  },
  ...JSON.parse(query.get('options') ?? '{}'),
});
window.DD_RUM.setUser({ id: 'ana-7', name: 'Ana', email: 'ana@example.com' });
window.DD_RUM.setGlobalContextProperty('plan', 'pro');

document.getElementById('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const question = document.getElementById('question').value;
  const item = document.createElement('li');
  item.innerHTML = '<b>You asked</b> <span class="answer"></span>';
  document.getElementById('answers').append(item);
  item.querySelector('.answer').textContent = await answer(question);
  item.dataset.state = 'done';
});

document.getElementById('throw').addEventListener('click', () => {
  throw new TypeError('thrown by a button');
});

/**
 * The documented pattern: the session id goes in the body. Joined by headers, the body says nothing of it.
 * Without an agent the page answers itself.
 */
async function answer(question) {
  const agent = query.get('agent');
  if (!agent) return `nothing is known of ${question.length} letters`;
  const response = await fetch(`${agent}/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      query.get('join') === 'headers' ? { question } : { question, session_id: sessionId() },
    ),
  });
  return (await response.json()).answer;
}

function sessionId() {
  return window.DD_RUM.getInternalContext()?.session_id;
}

function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  });
}
