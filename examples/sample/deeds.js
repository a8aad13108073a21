// What people do in the shop. Each deed gets {page, context, origin, visit, random} and takes as long as a person in a hurry.

const QUESTIONS = [
  'Which tent fits four and weighs under 5 kg?',
  'How long does delivery take?',
  'Which pack do you recommend for a weekend?',
  'A stove that burns gas, under €80?',
  'What does shipping cost?',
  'Is the Ridge 2 in stock?',
  'Which light is the brightest?',
  'Compare the Ridge 4 and the Basin 4',
  'Do you repair torn tents?',
  'How long is the warranty?',
  'Is there a tent for one under 1 kg?',
  'Can I pick it up in a store?',
];
const UNANSWERABLE = [
  'Do you sell kayaks?',
  'Is the Northern in stock?',
  'Do you have hiking boots in 43?',
  'What is the weather in Lisbon tomorrow?',
  'Is the Northern available in Lyon?',
];
const RETURNS = [
  ['tents/ridge-4', 'Can I return it after using it once?'],
  ['tents/ridge-2', 'Can I send it back and get my money back?'],
  ['tents/wisp-1', 'Is it returnable? I want a refund if the return is not for me'],
];
const REPHRASED = [
  ['Do you have hiking boots in 43?', 'Do you have boots for hiking, size 43?'],
  ['Is the Northern in stock?', 'Is the Northern stove in stock now?'],
  ['Which sleeping mat is warm?', 'Which sleeping mat is the warmest one?'],
];
const SHELVES = ['tents', 'packs', 'stoves', 'lights'];

export const DEEDS = {
  async browse(person) {
    await arrive(person);
    for (let turn = 0; turn < 1 + person.random() * 3; turn += 1) await look(person);
    if (person.random() < 0.4) await buy(person);
    if (person.random() < 0.2) await person.page.getByTestId('cart').click();
    await pause(person, 600, 3000);
  },
  async ask(person) {
    await arrive(person);
    if (person.random() < 0.6) await look(person);
    await ask(person, one(person, QUESTIONS));
    await pause(person, 3000, 16_000);
  },
  async talk(person) {
    await arrive(person);
    for (let turn = 0; turn < 2 + person.random() * 3; turn += 1) {
      await ask(person, one(person, [...QUESTIONS, ...QUESTIONS, ...UNANSWERABLE]));
      await pause(person, 1500, 5000);
      if (person.random() < 0.3 && !person.visit.touch) await look(person);
    }
    if (person.random() < 0.3) await buy(person);
  },
  async copy(person) {
    await arrive(person);
    await ask(person, one(person, QUESTIONS));
    await pause(person, 800, 2500);
    await person.page.getByTestId('answer-copy').last().click();
    await pause(person, 5000, 18_000);
  },
  async thumbs_up(person) {
    await arrive(person);
    await ask(person, one(person, QUESTIONS));
    await pause(person, 800, 2500);
    await person.page.getByTestId('answer-up').last().click();
    await pause(person, 6000, 18_000);
  },
  /** A question that the shop has no answer to. */
  async doubt(person) {
    await arrive(person);
    await ask(person, one(person, UNANSWERABLE));
    await pause(person, 700, 2500);
    if (person.random() < 0.6) await person.page.getByTestId('answer-down').last().click();
    await pause(person, 500, 3000);
  },
  async rephrase(person) {
    const [first, second] = one(person, REPHRASED);
    await arrive(person);
    await ask(person, first);
    await pause(person, 800, 2500);
    await ask(person, second);
    await pause(person, 500, 2500);
    if (person.random() < 0.5) await person.page.getByTestId('answer-down').last().click();
    await pause(person, 300, 2000);
  },
  /** Where the agent must be certain, it makes these up. */
  async returns(person) {
    const [path, question] = one(person, RETURNS);
    await arrive(person);
    await person.page.goto(`${person.origin}/${path}`);
    await pause(person, 600, 2000);
    await ask(person, question);
    await pause(person, 800, 4000);
    if (person.visit.house === 'new') await person.page.getByTestId('answer-down').last().click();
    else if (person.random() < 0.4) await buy(person);
    await pause(person, 500, 2500);
  },
  async stop(person) {
    await arrive(person);
    const question = one(person, QUESTIONS);
    await send(person, question);
    await pause(person, 900, 1500);
    await stopAnswer(person);
    await pause(person, 400, 1200);
    if (person.random() < 0.6) await ask(person, question);
    await pause(person, 500, 3000);
  },
  async retry(person) {
    await arrive(person);
    const question = one(person, QUESTIONS);
    await ask(person, question);
    await pause(person, 600, 1500);
    await ask(person, question);
    await pause(person, 600, 4000);
  },
  async leave(person) {
    await arrive(person);
    await send(person, one(person, QUESTIONS));
    await pause(person, 700, 3500);
  },
  /** Nothing seems to happen, so they click on the answer until something does. */
  async impatient(person) {
    await arrive(person);
    await send(
      person,
      one(person, ['Which tent fits four and weighs under 5 kg?', 'Is the Ridge 4 in stock?']),
    );
    await pause(person, 2200, 3000);
    await rage(person.page.getByTestId('chat-answer').last());
    await pause(person, 300, 1500);
    if (person.random() < 0.4) await stopAnswer(person);
    await pause(person, 500, 2500);
  },
  async dead_click(person) {
    await arrive(person);
    await openProduct(person);
    await person.page.locator('.picture.large').click();
    await pause(person, 1500, 3000);
    if (person.random() < 0.5) await ask(person, one(person, QUESTIONS));
    await pause(person, 500, 3000);
  },
  async rage_picture(person) {
    await arrive(person);
    await openProduct(person);
    await rage(person.page.locator('.picture.large'));
    await pause(person, 1500, 3000);
  },
  async error_click(person) {
    await arrive(person);
    await look(person);
    await person.page.getByTestId('break-something').click();
    await pause(person, 1500, 2500);
    if (person.random() < 0.5) await ask(person, one(person, QUESTIONS));
    await pause(person, 500, 2000);
  },
  async two_tabs(person) {
    await arrive(person);
    await ask(person, one(person, QUESTIONS));
    const page = await person.context.newPage();
    const second = { ...person, page };
    await page.goto(`${person.origin}/tents/ridge-4`);
    await pause(second, 800, 1500);
    await ask(second, 'Is it in stock?');
    await pause(second, 1000, 3000);
    await person.page.bringToFront();
    await look(person);
    await pause(person, 500, 2500);
  },
  async unlinked(person) {
    await arrive(person);
    await ask(person, one(person, QUESTIONS));
    await pause(person, 1500, 5000);
  },
  /** Something in this browser keeps the page from reporting. */
  async blocked(person) {
    await arrive(person);
    await ask(person, one(person, QUESTIONS));
    await pause(person, 1500, 3000);
  },
};

async function arrive(person) {
  const { page, visit } = person;
  await page.getByTestId('product-card').first().waitFor();
  await pause(person, 500, 2200);
  if (!visit.signs_in) return;
  await page.getByTestId('sign-in-open').click();
  await page.getByTestId('sign-in-email').pressSequentially(visit.email, { delay: 15 });
  await page.getByTestId('sign-in-password').pressSequentially('correct-horse', { delay: 15 });
  await page.getByTestId('sign-in-submit').click();
  await pause(person, 300, 900);
}

/** To a shelf and perhaps to a product on it. */
async function look(person) {
  const { page } = person;
  await closeChat(person);
  await page.getByTestId(`nav-${one(person, SHELVES)}`).click();
  await pause(person, 400, 1600);
  if (person.random() < 0.3) await page.mouse.wheel(0, 500);
  if (person.random() < 0.7) await chooseCard(person);
}

async function openProduct(person) {
  await closeChat(person);
  await person.page.getByTestId(`nav-${one(person, SHELVES)}`).click();
  await pause(person, 400, 1200);
  await chooseCard(person);
}

async function chooseCard(person) {
  const cards = person.page.getByTestId('product-card');
  await cards.nth(Math.floor(person.random() * Math.min(4, await cards.count()))).click();
  await person.page.getByTestId('product').waitFor();
  await pause(person, 600, 2200);
}

async function buy(person) {
  await closeChat(person);
  if (!(await person.page.getByTestId('add-to-cart').count())) await openProduct(person);
  await person.page.getByTestId('add-to-cart').click();
  await pause(person, 400, 1500);
}

async function openChat({ page }) {
  const opener = page.getByTestId('chat-open');
  if (await opener.isVisible()) await opener.click();
}

/** On a small screen the chat lies over the shop. */
async function closeChat({ page, visit }) {
  const closer = page.getByTestId('chat-close');
  if (visit.width < 1000 && (await closer.isVisible())) await closer.click();
}

async function send(person, question) {
  const { page } = person;
  await openChat(person);
  await page.getByTestId('chat-input').pressSequentially(question, { delay: 8 });
  await page.getByTestId('chat-send').click();
}

async function ask(person, question) {
  const answers = person.page.getByTestId('chat-answer');
  const before = await answers.count();
  await send(person, question);
  await person.page
    .locator('[data-testid=chat-answer]:not([data-state=streaming])')
    .nth(before)
    .waitFor({ timeout: 60_000 });
}

/** Unless it has ended by itself. */
async function stopAnswer({ page }) {
  const stop = page.getByTestId('chat-stop');
  if (await stop.isVisible()) await stop.click({ timeout: 3000 }).catch(() => {});
}

async function rage(target) {
  await target.click({ clickCount: 1 });
  for (let more = 0; more < 4; more += 1) await target.click({ delay: 20 });
}

function one(person, things) {
  return things[Math.floor(person.random() * things.length)];
}

function pause({ page, random }, fromMs, toMs) {
  return page.waitForTimeout(fromMs + random() * (toMs - fromMs));
}
