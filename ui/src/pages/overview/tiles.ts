import type { Tile } from '../../api/explore.ts';
import { countWords } from '../../parts/amounts.ts';
import type { Verdict } from '../../parts/Chip.tsx';
import { lengthWords } from '../../parts/times.ts';

/** What a tile is called, whose colour it has, and which way of change is the good one. */
interface TileWords {
  title: string;
  tone: 'person' | 'machine';
  good?: 'up' | 'down';
}

/** Lists of the interface by what they hold, with how that is called. */
const LISTS = {
  sessions: ['/sessions', 'sessions'],
  traces: ['/traces', 'traces'],
  spans: ['/spans', 'spans'],
  turns: ['/answers', 'answers'],
} as const;

/** Where a figure is looked into, in words and as an address of the interface. */
export interface Way {
  to: (typeof LISTS)[keyof typeof LISTS][0] | '/evaluations';
  query?: string;
  words: string;
}

/** To what is behind a figure: of a wait the answers that were waited for as long, of a pass rate what was judged. */
export function wayOf({ name, signal, query, value }: Tile): Way {
  if (name.startsWith('felt_first_word_') && value !== null) {
    const least = `${Math.floor(value)}ms`;
    return {
      to: '/answers',
      query: `first_word:>=${least}`,
      words: `the answers waited for that long (${least}) or longer`,
    };
  }
  if (name === 'evaluation_pass_rate') return { to: '/evaluations', words: 'how each label was judged' };
  const [to, things] = LISTS[signal];
  return { to, query, words: `the ${things} behind it` };
}

const TILES: Record<string, TileWords> = {
  sessions: { title: 'Sessions', tone: 'person' },
  users: { title: 'People', tone: 'person' },
  answers: { title: 'AI answers', tone: 'machine' },
  felt_first_word_p50: { title: 'First word, p50', tone: 'machine', good: 'down' },
  felt_first_word_p75: { title: 'First word, p75', tone: 'machine', good: 'down' },
  felt_first_word_p95: { title: 'First word, p95', tone: 'machine', good: 'down' },
  cost: { title: 'Cost', tone: 'machine' },
  error_rate: { title: 'Sessions with errors', tone: 'person', good: 'down' },
  frustration_rate: { title: 'Frustrated sessions', tone: 'person', good: 'down' },
  evaluation_pass_rate: { title: 'Evaluations passed', tone: 'machine', good: 'up' },
};

export function wordsOfTile(tile: Tile): TileWords {
  const known = TILES[tile.name];
  if (known) return known;
  const title = tile.name.replaceAll('_', ' ');
  return {
    title: title.charAt(0).toUpperCase() + title.slice(1),
    tone: tile.signal === 'sessions' ? 'person' : 'machine',
  };
}

const SHARE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const DOLLARS = new Intl.NumberFormat('en-GB', {
  style: 'currency',
  currency: 'USD',
  currencyDisplay: 'narrowSymbol',
});

/** The figure with its unit; a dash where nothing was measured. */
export function figureWords(value: number | null, unit: Tile['unit']): string {
  if (value === null) return '–';
  if (unit === 'ms') return lengthWords(value);
  if (unit === 'usd') return DOLLARS.format(value);
  return unit === 'ratio' ? `${SHARE.format(value * 100)} %` : countWords(value);
}

/** The change against the period before: in points for shares, in per cent for all else. */
export function changeOf(tile: Tile): { words: string; tone?: Verdict } | null {
  const { value, previous, unit } = tile;
  if (value === null || previous === null) return null;
  const by =
    unit === 'ratio' ? (value - previous) * 100 : previous === 0 ? null : (value / previous - 1) * 100;
  if (by === null) return value === 0 ? null : { words: 'none before' };
  const size = Math.abs(by);
  const least = 0.05;
  if (size < least) return { words: 'no change' };
  const figure = size >= 10 ? size.toFixed(0) : size.toFixed(1);
  const words = `${by > 0 ? '↑' : '↓'} ${figure}${unit === 'ratio' ? ' points' : ' %'}`;
  const { good } = wordsOfTile(tile);
  if (!good) return { words };
  return { words, tone: by > 0 === (good === 'up') ? 'ok' : 'bad' };
}
