// Carries out a plan of visits in Chromium: `node visits.js PLAN.json VISITED.ndjson` (see record.py).

import { appendFileSync, readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { DEEDS } from './deeds.js';

/** Visits at a time: most of a visit is waiting, so that even two cores carry these. */
const AT_ONCE = 10;
const VISIT_TIMEOUT_MS = 150_000;
const STEP_TIMEOUT_MS = 40_000;
/** The SDK's last requests leave while the page goes. */
const FAREWELL_MS = 700;
/** So many visits may fail on a machine that stalls; more are a fault of the script. */
const MAX_FAILED_SHARE = 0.05;

const [planFile, visitedFile] = process.argv.slice(2);
const { houses, visits } = JSON.parse(readFileSync(planFile, 'utf8'));
const browsers = new Map();
const waiting = [...visits];
let failed = 0;

await Promise.all(Array.from({ length: AT_ONCE }, receiveVisitors));
for (const browser of browsers.values()) await (await browser).close();
process.exit(failed > visits.length * MAX_FAILED_SHARE ? 1 : 0);

async function receiveVisitors() {
  for (let visit = waiting.shift(); visit; visit = waiting.shift()) {
    const started = Date.now();
    const house = houses.find(({ name }) => name === visit.house);
    try {
      if (!browsers.has(house.name)) browsers.set(house.name, openBrowser(house));
      const browser = await browsers.get(house.name);
      const found = await within(VISIT_TIMEOUT_MS, carryOut(browser, `http://${house.host}`, visit));
      appendFileSync(visitedFile, `${JSON.stringify({ number: visit.number, ...found })}\n`);
      console.log(`${visit.number} ${visit.house} ${visit.deed} ${Date.now() - started} ms`);
    } catch (error) {
      failed += 1;
      console.error(`${visit.number} ${visit.house} ${visit.deed}: ${error.message.split('\n')[0]}`);
    }
  }
}

/** One browser a house: each has an idea of its own of where the shop's name leads. */
function openBrowser(house) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${house.host}:80 127.0.0.1:${house.port}`,
      // What a shop under https may do: copy to the clipboard, make random ids.
      `--unsafely-treat-insecure-origin-as-secure=http://${house.host}`,
    ],
  });
}

async function carryOut(browser, origin, visit) {
  const context = await browser.newContext({
    userAgent: visit.user_agent,
    viewport: { width: visit.width, height: visit.height },
    hasTouch: visit.touch,
    isMobile: visit.touch,
    locale: visit.locale,
    timezoneId: visit.timezone,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  try {
    if (visit.email && !visit.signs_in) {
      await context.addInitScript((email) => localStorage.setItem('email', email), visit.email);
    }
    if (visit.deed === 'blocked') await context.route(/\/v1\/(rum|replay)/, (route) => route.abort());
    const page = await context.newPage();
    await page.goto(origin + (visit.deed === 'unlinked' ? '/?mode=none' : '/'), { referer: visit.referrer });
    const random = mulberry32(visit.seed);
    const person = { page, context, origin, visit, random };
    await DEEDS[visit.deed](person);
    const found = await Promise.all(context.pages().map(idsOf));
    for (const each of context.pages()) await each.goto('about:blank');
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    return {
      sessions: [...new Set(found.flatMap((each) => each.session ?? []))],
      conversations: found.flatMap((each) => each.conversation ?? []),
    };
  } finally {
    await context.close();
  }
}

/** By these the requests of the agent and of the page are known as those of this visit. */
function idsOf(page) {
  return page.evaluate(() => ({
    session: window.diptych.getInternalContext()?.session_id,
    conversation: sessionStorage.getItem('conversation'),
  }));
}

function within(timeoutMs, work) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not over after ${timeoutMs} ms`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, Tommy Ettinger, public domain). */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
