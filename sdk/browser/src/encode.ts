/** A surrogate without its other half, as JSON writes it: the server refuses such lines, for they are no characters. */
const LONE_SURROGATE = /\\ud[89a-f][\da-f]{2}/;

/** One line of NDJSON; half characters (a text cut in the middle of an emoji) become U+FFFD. */
export function toLine(value: unknown): string {
  const line = JSON.stringify(value);
  return LONE_SURROGATE.test(line) ? JSON.stringify(value, wellFormed) : line;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/[\ud800-\udfff]/gu, '\ufffd') : value;
}
