/** Words for counts, tokens and money. */

const COUNT = new Intl.NumberFormat('en-GB');

export function countWords(count: number): string {
  return COUNT.format(count);
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
