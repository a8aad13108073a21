/** Words for counts, tokens and money. */

const COUNT = new Intl.NumberFormat('en-GB');

export function countWords(count: number): string {
  return COUNT.format(count);
}

const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });
/** What a column has room for. */
const MOST_DIGITS = 7;

/** A count for a column: its digits, or `1.234 B` where these have no room, since half a number is another number. */
export function shortCount(count: number): string {
  return count < 10 ** MOST_DIGITS ? countWords(count) : SHORT.format(count).replace(/(?=[A-Z])/, ' ');
}

/** Dollars with the digits that matter: `$0.0061`, `$0.041`, `$12.50`; `–` where no price is known. */
export function costWords(usd: number | null): string {
  if (usd === null) return '–';
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  if (usd < 0.01) return `$${usd.toFixed(4)}`;
  if (usd < 1) return `$${usd.toFixed(3)}`;
  return `$${usd.toFixed(2)}`;
}

/** `1 view`, `3 views`; the plural is the word with an s unless given. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${countWords(count)} ${count === 1 ? word : plural}`;
}
