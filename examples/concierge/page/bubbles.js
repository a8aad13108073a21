// What the chat is made of: the bubbles, the hints and the row of buttons under an answer.

const ICONS = {
  copy: `<rect x="9" y="9" width="10" height="10" rx="2"/><path d="M5 15V7q0-2 2-2h8"/>`,
  up: `<path d="M7 11v8H4v-8zm0 0 4-7q3 0 2 4l-1 2h6q2 0 1.500 2l-1.500 6q-.5 1-2 1H7"/>`,
  down: `<path d="M7 13V5H4v8zm0 0 4 7q3 0 2-4l-1-2h6q2 0 1.500-2L18 6q-.5-1-2-1H7"/>`,
};

export function questionElement(question) {
  const bubble = document.createElement('div');
  bubble.className = 'question';
  bubble.dataset.testid = 'chat-question';
  bubble.textContent = question;
  return bubble;
}

/** A bubble that is written word by word. `data-state`: streaming, done, stopped or error. */
export function answerElement() {
  const element = document.createElement('div');
  element.className = 'answer';
  element.dataset.testid = 'chat-answer';
  element.dataset.state = 'streaming';
  // The answer's words alone: "Thinking…" is not what the person waits for. The browser SDK looks for this mark.
  const words = document.createElement('div');
  words.className = 'words';
  words.dataset.dipAnswer = '';
  let written = '';
  let doing = '';

  const draw = () => {
    words.replaceChildren(...markdown(written));
    element.replaceChildren(...(written ? [words] : []));
    if (doing || !written) element.append(paragraph(doing || 'Thinking…', 'doing'));
  };
  draw();
  return {
    element,
    text: () => written,
    write(text, { instead = false } = {}) {
      // After a tool the model starts a new message; it reads as a new paragraph of the same answer.
      written = instead ? text : written + (doing && written ? '\n\n' : '') + text;
      doing = '';
      draw();
    },
    doing(what) {
      doing = what;
      draw();
    },
    end(state) {
      element.dataset.state = state;
      words.replaceChildren(...markdown(written));
      element.replaceChildren(words);
    },
  };
}

/** The little Markdown that answers use, as elements: paragraphs, lists of "- ", and **bold**. */
function markdown(text) {
  return text
    .split('\n\n')
    .filter(Boolean)
    .flatMap((block) => {
      const lines = block.split('\n');
      const items = lines.filter((line) => line.startsWith('- '));
      const words = lines.filter((line) => !line.startsWith('- ')).join(' ');
      const list = document.createElement('ul');
      list.append(...items.map((item) => inline(document.createElement('li'), item.slice(2))));
      return [...(words ? [paragraph(words)] : []), ...(items.length ? [list] : [])];
    });
}

function paragraph(text, className = '') {
  const element = inline(document.createElement('p'), text);
  element.className = className;
  return element;
}

function inline(element, text) {
  text.split('**').forEach((part, index) => {
    const bold = document.createElement('b');
    bold.textContent = part;
    element.append(index % 2 ? bold : part);
  });
  return element;
}

export function hintsElement(hints, choose) {
  const element = document.createElement('div');
  element.className = 'hints';
  for (const hint of hints) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = hint;
    button.dataset.testid = 'chat-hint';
    button.addEventListener('click', () => choose(hint));
    element.append(button);
  }
  return element;
}

/** Copy, thumbs and the sources. */
export function underAnswer(text, sources, products) {
  const element = document.createElement('div');
  element.className = 'under';
  const copy = iconButton('copy', 'Copy the answer', 'answer-copy');
  copy.addEventListener('click', () => navigator.clipboard.writeText(text));
  const up = iconButton('up', 'Good answer', 'answer-up');
  const down = iconButton('down', 'Bad answer', 'answer-down');
  for (const [thumb, other] of [
    [up, down],
    [down, up],
  ]) {
    thumb.setAttribute('aria-pressed', 'false');
    thumb.addEventListener('click', () => {
      thumb.setAttribute('aria-pressed', String(thumb.getAttribute('aria-pressed') !== 'true'));
      other.setAttribute('aria-pressed', 'false');
    });
  }
  element.append(copy, up, down, sourcesElement(sources, products));
  return element;
}

function sourcesElement(sources, products) {
  const element = document.createElement('span');
  element.className = 'sources';
  element.dataset.testid = 'answer-sources';
  const linked = sources.flatMap((source) => products.find((product) => product.sku === source.id) ?? []);
  linked.slice(0, 3).forEach((product, index) => {
    const link = document.createElement('a');
    link.href = `/${product.kind}/${product.sku}`;
    link.textContent = product.name;
    element.append(index ? ', ' : '', link);
  });
  return element;
}

function iconButton(icon, label, testid) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'icon';
  button.title = label;
  button.setAttribute('aria-label', label);
  button.dataset.testid = testid;
  button.innerHTML = `<svg viewBox="0 0 24 24">${ICONS[icon]}</svg>`;
  return button;
}
