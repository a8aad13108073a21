/** Characters that are read of a text: more than a line of a list holds. */
const MOST_CHARACTERS = 500;

/** Code between fences, which the end of the text may close, and between backticks: its words stand as they are. */
const FENCED = /^[ \t]*(```|~~~)[^\n]*\n([\s\S]*?)(?:^[ \t]*\1[ \t]*$|(?![\s\S]))/gm;
const CODE = /(`+)(?!`)([^`]|[^`][\s\S]*?[^`])\1(?!`)/g;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
/** Stands for what is no mark while marks are taken out; of Unicode's private use. */
const HELD = /\uE000(\d+)\uE000/g;

/** Lines that only draw: rules, the line below a heading or the head of a table. */
const DRAWN = /^[ \t]*(?:=+|(?:[-*_][ \t]*){3,}|\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?)[ \t]*$/gm;
const TABLE_ROW = /^[ \t]*\|(.*)\|[ \t]*$/gm;
/** What lines begin with: quotes and headings, and the dots of a list. Numbers are read, and stay. */
const HEAD = /^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+)?/gm;
const ITEM = /^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?/gm;

const LINK = /!?\[([^\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+"[^"\n]*")?\)/g;
const ADDRESS = /<((?:https?:\/\/|mailto:)[^>\s]+)>/g;
/** `2 * 3` and `snake_case` hold no marks. */
const STARRED = /(\*\*\*|\*\*|\*|~~)(?=\S)([^*~\n]*[^*~\s])\1/g;
const UNDERLINED = /(?<![\p{L}\p{N}_])(___|__|_)(?=\S)([^_\n]*[^_\s])\1(?![\p{L}\p{N}_])/gu;
/** Marks that the end of a cut text has left open. */
const CUT_LINK = /!?\[([^\]\n]*)\]\([^)\s]*$/;
const CUT_STRESS = /(^|\s)(?:\*\*|__)(?=[^\s*_][^*_]*$)/;

/**
 * The words of a Markdown text in one line, as they are read where it is drawn: for previews. Not a parser: what is
 * no mark at first sight stays, HTML too; the text may have been cut anywhere.
 */
export function plainText(markdown: string): string {
  const codes: string[] = [];
  const held = (code: string) => `\uE000${codes.push(code) - 1}\uE000`;
  const lines = markdown
    .slice(0, MOST_CHARACTERS)
    .replace(FENCED, (_, _fence, code: string) => held(code))
    .replace(CODE, (_, _ticks, code: string) => held(code))
    .replace(ESCAPED, (_, character: string) => held(character))
    .replace(DRAWN, '')
    .replace(TABLE_ROW, (_, cells: string) => cells.trim().replace(/\s*\|\s*/g, ' · '))
    .replace(HEAD, '')
    .replace(ITEM, '• ')
    .replace(LINK, '$1')
    .replace(CUT_LINK, '$1')
    .replace(ADDRESS, '$1');
  return withoutStress(lines)
    .replace(HELD, (_, index) => codes[Number(index)] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The innermost first: what is bold may hold what is slanted, and the other way round. */
function withoutStress(text: string): string {
  const less = text.replace(STARRED, '$2').replace(UNDERLINED, '$2');
  return less === text ? text.replace(CUT_STRESS, '$1') : withoutStress(less);
}
