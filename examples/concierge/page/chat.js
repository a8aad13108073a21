// The chat panel: a question goes out with the session id, the answer's words come in.

import { askByBody, askByQuery } from './ask.js';
import { answerElement, hintsElement, questionElement, underAnswer } from './bubbles.js';

const HINTS = [
  'Which tent fits four and weighs under 5 kg?',
  'Can I return it after using it once?',
  'How long does delivery take?',
];
const DOING = { check_stock: 'Checking the stock…', get_return_policy: 'Looking up the return policy…' };
const LOST = 'The connection was lost. Please try again.';
const GREETING = 'Hello! Ask me about our gear, what is in stock, delivery or returns.';

/** How the session id travels; chosen once, by the address the page was opened with. */
const mode = new URLSearchParams(location.search).get('mode') ?? 'body';

const $ = (selector) => document.querySelector(selector);
const talk = $('#talk');
const input = $('#chat-input');

export function startChat({ viewing, products }) {
  $('#model-label').textContent = concierge.offline
    ? `Its answers come from an offline stand-in that ships with the demo, not from a language model; its tokens are priced as ${concierge.model}.`
    : `Its answers come from ${concierge.model} through the Anthropic API.`;
  $('#chat-model').textContent = concierge.offline ? 'offline stand-in' : concierge.model;

  const greeting = answerElement();
  greeting.write(GREETING);
  greeting.end('done');
  talk.append(
    greeting.element,
    hintsElement(HINTS, (hint) => ask(hint)),
  );

  const open = (isOpen) => {
    $('#chat').classList.toggle('open', isOpen);
    $('#chat-open').hidden = isOpen;
  };
  $('#chat-open').addEventListener('click', () => {
    open(true);
    input.focus();
  });
  $('#chat-close').addEventListener('click', () => open(false));
  open(matchMedia('(min-width: 1000px)').matches);

  $('#ask').addEventListener('submit', (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (question && !running) ask(question);
  });
  $('#chat-stop').addEventListener('click', () => running?.abort());

  /** The answer that is being written, if any: aborting it stops the agent too. */
  let running = null;

  async function ask(question) {
    if (running) return;
    running = new AbortController();
    input.value = '';
    talk.querySelector('.hints')?.remove();
    const answer = answerElement();
    talk.append(questionElement(question), answer.element);
    setBusy(true);
    try {
      const sources = await receive(question, answer, running.signal);
      answer.end('done');
      answer.element.after(underAnswer(answer.text(), sources, products));
    } catch (error) {
      const stopped = error.name === 'AbortError';
      // fetch says TypeError when the connection is gone, in words that differ by browser.
      const message = error instanceof TypeError ? LOST : error.message;
      if (!stopped) answer.write(message, { instead: true });
      answer.end(stopped ? 'stopped' : 'error');
    }
    running = null;
    setBusy(false);
    toBottom();
  }

  async function receive(question, answer, signal) {
    let sources = [];
    for await (const { event, data } of asking(question, signal)) {
      if (event === 'delta') answer.write(data.text);
      if (event === 'tool') answer.doing(DOING[data.name]);
      if (event === 'sources') sources = data.sources;
      if (event === 'error') throw new Error(data.message);
      toBottom();
    }
    return sources;
  }

  function asking(question, signal) {
    // The documented pattern: the id of the browser session goes out with every question.
    const session_id = window.diptych?.getInternalContext()?.session_id;
    const asked = { question, conversation_id: conversationId(), viewing: viewing() };
    if (mode === 'get') return askByQuery({ ...asked, session_id }, signal);
    // The SDK's headers alone carry it, and with `none` not even they.
    if (mode === 'baggage' || mode === 'none') return askByBody(asked, signal);
    return askByBody({ ...asked, session_id }, signal);
  }
}

function setBusy(busy) {
  $('#chat-stop').hidden = !busy;
  $('#chat-send').hidden = busy;
}

function toBottom() {
  talk.scrollTop = talk.scrollHeight;
}

/** One conversation a tab, so that "it" in the second question means what the first was about. */
function conversationId() {
  const id = sessionStorage.getItem('conversation') ?? crypto.randomUUID();
  sessionStorage.setItem('conversation', id);
  return id;
}
