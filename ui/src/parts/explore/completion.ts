import type { SearchField } from '../../api/explore.ts';
import { written } from './query_text.ts';

/** What stands at the caret and can be completed: the characters from `start` to `end`. */
export interface Caret {
  start: number;
  end: number;
  /** The field whose value is being typed; null while it is a field's name or a word. */
  field: string | null;
  /** An operator stands before the value. */
  isCompared: boolean;
  /** What was typed of it, without quotes and operators. */
  typed: string;
}

export interface Suggestion {
  id: string;
  /** What the person reads. */
  label: string;
  detail: string;
  /** What takes the caret's characters' place. */
  text: string;
}

const FIELDS_SHOWN = 60;
const OPERATORS = /^(>=|<=|>|<|\[|\{)/;

/** What stands at a caret, `at` characters into the text. */
export function caretOf(text: string, at: number): Caret {
  const groups: (string | null)[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < at; index += 1) {
    const char = text[index];
    if (char === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (char === '(') groups.push(/([\w.$-]+):$/.exec(text.slice(start, index))?.[1] ?? null);
    if (char === ')') groups.pop();
    if (char === ' ' || char === '(' || char === ')') start = index + 1;
  }
  const rest = /^[^\s()"]*"?/.exec(text.slice(at))?.[0] ?? '';
  if (!isQuoted && text[start] === '-') start += 1;
  const whole = text.slice(start, at);
  const colon = isQuoted ? whole.search(/:(?=[^:]*")/) : whole.indexOf(':');
  const end = at + rest.length;
  if (colon >= 0) {
    const value = whole.slice(colon + 1);
    const operator = OPERATORS.exec(value)?.[0] ?? '';
    const field = whole.slice(0, colon).replace(/^@/, '');
    return {
      start: start + colon + 1 + operator.length,
      end,
      field,
      isCompared: operator !== '',
      typed: bare(value.slice(operator.length)),
    };
  }
  const field = groups.at(-1) ?? null;
  return { start, end, field, isCompared: false, typed: bare(whole).replace(/^@/, '') };
}

function bare(value: string): string {
  return value.replace(/^"|"$/g, '');
}

/** Names of fields that hold what was typed, those that begin with it first. */
export function fieldSuggestions(fields: SearchField[], typed: string): Suggestion[] {
  const wanted = typed.toLowerCase();
  const rank = ({ name }: SearchField) => {
    const at = name.toLowerCase().indexOf(wanted);
    return at < 0 ? 2 : at === 0 ? 0 : 1;
  };
  return fields
    .filter((field) => rank(field) < 2 || field.description.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, FIELDS_SHOWN)
    .map((field) => ({
      id: `field ${field.name}`,
      label: field.name,
      detail: field.description,
      text:
        field.name.endsWith('.') || field.name.endsWith('*')
          ? field.name.replace(/\*$/, '')
          : `${field.name}:`,
    }));
}

/** What an operator of the server's table says, by how it is written behind the field's name. */
const OPERATOR_WORDS: Record<string, string> = {
  '*': 'it is there',
  '>': 'above',
  '>=': 'at least',
  '<': 'below',
  '<=': 'at most',
  '[ TO ]': 'a range, * is open',
};

/** How a field can be asked, before any value is typed: its own examples, then its operators. */
export function operatorSuggestions(field: SearchField): Suggestion[] {
  const examples = field.examples.map((example) => {
    const value = example.replace(/^-?@?[\w.$-]+:/, '');
    return { id: `example ${example}`, label: value, detail: field.type, text: `${value} ` };
  });
  const operators = field.operators
    .map((operator) => operator.replace(/^:/, ''))
    .filter((written) => Object.hasOwn(OPERATOR_WORDS, written))
    .map((written) => ({
      id: `operator ${written}`,
      label: written,
      detail: OPERATOR_WORDS[written] ?? '',
      // What ends the condition is followed by the next; behind the others the value is still to be typed.
      text: written === '*' ? '* ' : written.replace(/ .*/, ''),
    }));
  return [...examples, ...operators];
}

export function valueSuggestions(values: { value: string; count: number }[]): Suggestion[] {
  return values.map(({ value, count }) => ({
    id: `value ${value}`,
    label: value,
    detail: count.toLocaleString('en-GB'),
    text: `${written(value)} `,
  }));
}
