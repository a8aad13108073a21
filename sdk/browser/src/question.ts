import { tried } from './guard.js';

/** Keys under which chat requests carry what the person asked, in the order of trust. */
const KEYS = ['question', 'prompt', 'query', 'message', 'input', 'text', 'q'];
/** A question longer than this is a document. */
const MAX_LENGTH = 4000;

/**
 * What the person asked, as far as a request's body or address tells: the last user message of `messages`,
 * else the first text under a usual key. Stays in the page's memory unless `captureAnswerText` is on.
 */
export function questionOf(body: unknown, url = ''): string | undefined {
  const text = textIn(parsed(body)) ?? textIn(Object.fromEntries(new URL(url, location.origin).searchParams));
  return text?.slice(0, MAX_LENGTH);
}

/** The object in a request's body, where it is JSON. */
export function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body?.constructor === Object ? body : undefined;
  return tried(() => JSON.parse(body));
}

function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (Array.isArray(value)) return lastUserText(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  if (Array.isArray(fields.messages)) return lastUserText(fields.messages);
  for (const key of KEYS) {
    const text = textIn(fields[key]);
    if (text) return text;
  }
  return undefined;
}

/** Messages as OpenAI, Anthropic and the Vercel AI SDK write them: `{role, content | parts}`; content is text or parts with `text`. */
function lastUserText(messages: unknown[]): string | undefined {
  for (const message of [...messages].reverse()) {
    const { role, content, parts, text } = (message ?? {}) as Record<string, unknown>;
    if (role !== undefined && role !== 'user') continue;
    const found = textIn(text) ?? textIn(content) ?? textIn(parts);
    if (found) return found;
  }
  return undefined;
}

/** How alike two questions are: the share of their words that both have, 0 to 1 (Jaccard). */
export function likeness(a: string, b: string): number {
  const [first, second] = [words(a), words(b)];
  const both = [...first].filter((word) => second.has(word)).length;
  return both / (first.size + second.size - both || 1);
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
