import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import type { Json, Peer } from './fixture';

/** The player that the UI uses, and its way to use it (ui/src/replay-frame/stage.ts). */
const REPLAYER = join(dirname(createRequire(import.meta.url).resolve('@rrweb/replay')), 'replay.umd.min.cjs');

/** What a person sees of a document: its tags and texts in order, through shadow roots and frames. */
export const SHAPE = `(root) => {
  const lines = [];
  const walk = (node) => {
    if (node.nodeType === 3 && node.textContent.trim()) lines.push(node.textContent.trim());
    if (node.nodeType === 1 && !['SCRIPT', 'NOSCRIPT', 'META', 'STYLE', 'TITLE', 'LINK'].includes(node.tagName)) lines.push(node.tagName);
    const inside = node.shadowRoot ? [...node.shadowRoot.childNodes, ...node.childNodes] : [...node.childNodes];
    if (node.nodeType !== 1 || !['SCRIPT', 'NOSCRIPT', 'STYLE', 'HEAD', 'TEXTAREA'].includes(node.tagName)) inside.forEach(walk);
    if (node.tagName === 'IFRAME' && node.contentDocument?.body) walk(node.contentDocument.body);
  };
  walk(root);
  return lines;
}`;

/**
 * Plays records to their end in a page of its own; gives what `look`, the source of a function of the rebuilt body,
 * sees there.
 */
export async function replayed(
  context: BrowserContext,
  site: Peer,
  records: Json[],
  look: string,
): Promise<unknown> {
  site.on('/replay.js', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(REPLAYER));
  });
  site.html('/player', '<!doctype html><script src="/replay.js"></script><div id="root"></div>');
  const player = await context.newPage();
  await player.goto(`${site.origin}/player`);
  const seen = await player.evaluate(
    `(async (events) => {
      const root = document.getElementById('root');
      const replayer = new rrwebReplay.Replayer(events, { root, useVirtualDom: false, showWarning: true });
      await new Promise((done) => setTimeout(done, 200));
      replayer.pause(events.at(-1).timestamp - events[0].timestamp + 1);
      await new Promise((done) => setTimeout(done, 500));
      return (${look})(replayer.iframe.contentDocument.body);
    })(${JSON.stringify(records)})`,
  );
  await player.close();
  return seen;
}
