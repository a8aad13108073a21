/** Reading and changing the text of a search, term by term; what it means is the server's to say. */

/** One `field:value` of a search that stands on its own, not within a group. */
export interface Term {
  /** Place in the text, counted from 0; `end` is not part of it. */
  start: number;
  end: number;
  isNegated: boolean;
  field: string;
  /** One value, or those of `field:(a OR b)`; without quotes. */
  values: string[];
}

const TERM = /^(-?)@?([A-Za-z_][\w.$-]*):(.+)$/s;
/** A value that says only itself; anything else stands in quotes. */
const PLAIN_VALUE = /^[A-Za-z0-9_][\w.@-]*$/;
const WORDS_OF_THE_LANGUAGE = new Set(['AND', 'OR', 'NOT', 'TO']);

/** The value as it is written in a search. */
export function written(value: string): string {
  if (PLAIN_VALUE.test(value) && !WORDS_OF_THE_LANGUAGE.has(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** The runs of characters between spaces; quotes, brackets and groups hold together. */
export function chunksOf(query: string): { start: number; end: number; text: string }[] {
  const chunks: { start: number; end: number; text: string }[] = [];
  let start = -1;
  let depth = 0;
  let isQuoted = false;
  const end = (at: number) => {
    if (start >= 0) chunks.push({ start, end: at, text: query.slice(start, at) });
    start = -1;
  };
  for (let at = 0; at < query.length; at += 1) {
    const char = query[at];
    if (char === ' ' && depth <= 0 && !isQuoted) {
      end(at);
      continue;
    }
    if (start < 0) start = at;
    if (char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (char === '(' || char === '[' || char === '{')) depth += 1;
    else if (!isQuoted && (char === ')' || char === ']' || char === '}')) depth -= 1;
  }
  end(query.length);
  return chunks;
}

/** The terms of a search that stand on their own. */
export function termsOf(query: string): Term[] {
  const chunks = chunksOf(query);
  // Where terms are joined by OR, none of them stands on its own.
  if (chunks.some(({ text }) => text === 'OR')) return [];
  return chunks.flatMap(({ start, end, text }, index) => {
    const match = TERM.exec(text);
    if (!match || chunks[index - 1]?.text === 'NOT') return [];
    const [, minus, field = '', value = ''] = match;
    return [{ start, end, isNegated: minus === '-', field, values: valuesIn(value) }];
  });
}

/** How a value stands in a search. */
export function standingOf(terms: Term[], field: string, value: string): 'in' | 'out' | null {
  const term = terms.find((one) => isSame(one.field, field) && one.values.includes(value));
  if (!term) return null;
  return term.isNegated ? 'out' : 'in';
}

/** The search with a value included (`field:value`), or excluded (`-field:value`); without it where it was so. */
export function toggled(query: string, field: string, value: string, how: 'in' | 'out'): string {
  const standing = standingOf(termsOf(query), field, value);
  const without = standing === null ? query.trim() : withoutValue(query, field, value);
  if (standing === how) return without;
  if (how === 'out') return `${without} -${field}:${written(value)}`.trim();
  const beside = termsOf(without).find((term) => !term.isNegated && isSame(term.field, field));
  if (!beside || isRange(beside)) return grouped(without, `${field}:${written(value)}`);
  return replaced(without, beside, [...beside.values, value]);
}

/** The search with this range of a field in place of any other. */
export function withRange(query: string, field: string, low: string, high: string): string {
  let rest = query;
  for (const term of termsOf(query).toReversed())
    if (isSame(term.field, field)) rest = rest.slice(0, term.start) + rest.slice(term.end);
  rest = rest.replace(/ {2,}/g, ' ').trim();
  if (!low && !high) return rest;
  return grouped(rest, `${field}:[${low || '*'} TO ${high || '*'}]`);
}

/** A term added to a search; alternatives that stand bare are first held together. */
function grouped(query: string, term: string): string {
  const hasBareOr = chunksOf(query).some(({ text }) => text === 'OR');
  return `${hasBareOr ? `(${query})` : query} ${term}`.trim();
}

function withoutValue(query: string, field: string, value: string): string {
  const term = termsOf(query).find((one) => isSame(one.field, field) && one.values.includes(value));
  if (!term) return query;
  return replaced(
    query,
    term,
    term.values.filter((other) => other !== value),
  );
}

function replaced(query: string, term: Term, values: string[]): string {
  const list = values.map(written);
  const value = list.length > 1 ? `(${list.join(' OR ')})` : list[0];
  const text = value === undefined ? '' : `${term.isNegated ? '-' : ''}${term.field}:${value}`;
  return `${query.slice(0, term.start)}${text}${query.slice(term.end)}`.replace(/ {2,}/g, ' ').trim();
}

function valuesIn(value: string): string[] {
  if (!value.startsWith('(') || !value.endsWith(')')) return [unquoted(value)];
  const parts = chunksOf(value.slice(1, -1)).map(({ text }) => text);
  const isList = parts.every((part, index) => (index % 2 === 1) === (part === 'OR'));
  return isList ? parts.filter((_, index) => index % 2 === 0).map(unquoted) : [value];
}

function unquoted(value: string): string {
  if (!/^".*"$/s.test(value)) return value;
  return value.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

function isRange({ values }: Term): boolean {
  return /^([[{<>]|\()/.test(values[0] ?? '');
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
