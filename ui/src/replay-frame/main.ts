import '@rrweb/replay/dist/style.css';
import './replay-frame.css';
import { type FromFrame, readToFrame, sealed } from './protocol.ts';
import { Stage } from './stage.ts';

/** The replay's own document: it takes events from its page by message, fetches nothing, and shows them. */
const page = window.parent;
const root = document.getElementById('stage');
if (page === window || !root) throw new Error('This document shows a replay inside Diptych only.');

const say = (message: FromFrame) => page.postMessage(sealed(message), window.location.origin);
const allowed = document.querySelector<HTMLMetaElement>('meta[name="diptych-replay-origins"]')?.content ?? '';
const stage = new Stage(root, say, new Set(allowed.split(' ').filter(Boolean)));

window.addEventListener('message', (event) => {
  if (event.source !== page || event.origin !== window.location.origin) return;
  const message = readToFrame(event.data);
  if (message) stage.obey(message);
});
say({ type: 'ready' });
