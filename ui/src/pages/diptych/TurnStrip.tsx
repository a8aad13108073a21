import { useEffect, useRef } from 'react';
import type { Turn } from '../../api/types.ts';
import { costWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { useKeys } from '../../parts/keys.ts';
import { plainText } from '../../parts/plain_text.ts';
import type { Player } from '../../parts/player/player.ts';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import { reactionTone, reactionWords } from '../../parts/reactions.ts';
import { lengthWords } from '../../parts/times.ts';
import { endWords, isVerdict } from '../../parts/turn/turn_words.ts';
import { WaitBar } from '../../parts/turn/WaitBar.tsx';
import { type Asked, lastBegun } from './story.ts';
import styles from './TurnStrip.module.css';

interface Properties {
  asked: Asked[];
  /** There will be some that are not known yet. */
  isAwaited: boolean;
  player: Player;
  onTurn: (asked: Asked) => void;
}

/** Parts of the wait shorter than this are not worth a word. */
const WORTH_TELLING_MS = 100;

/** The story of a session: each question with how its answer was felt and what was done with it; `[` and `]` step. */
export function TurnStrip({ asked, isAwaited, player, onTurn }: Properties) {
  const activeId = usePlayer(player, ({ at }) => lastBegun(asked, at)?.turn.turn_id ?? null);
  const active = asked.findIndex(({ turn }) => turn.turn_id === activeId);
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    strip.current?.children[active]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  const step = (by: 1 | -1) => {
    const { at } = player.state();
    // The question that is being answered first, then the one before it.
    const isAtStart = by === 1 || at - (asked[active]?.seen ?? at) < WORTH_TELLING_MS;
    const next = asked[isAtStart ? active + by : active];
    if (next) onTurn(next);
  };
  useKeys({ '[': () => step(-1), ']': () => step(1) });
  if (asked.length === 0) return isAwaited ? <Awaited /> : null;
  return (
    <div
      className={styles.strip}
      ref={strip}
      role="listbox"
      aria-label="Answers of this session"
      tabIndex={-1}
    >
      {asked.map((one) => (
        <button
          type="button"
          key={one.turn.turn_id}
          role="option"
          aria-selected={one.turn.turn_id === activeId}
          className={styles.turn}
          onClick={() => onTurn(one)}
          data-testid="turn-card"
          data-id={one.turn.turn_id}
        >
          <TurnWords turn={one.turn} />
        </button>
      ))}
    </div>
  );
}

/** As high as a card, so that nothing is moved by the first. */
function Awaited() {
  return (
    <div className={styles.strip} aria-hidden="true" data-testid="turns-awaited">
      <div className={`${styles.turn} ${styles.awaited}`}>
        <span className={styles.question}>&nbsp;</span>
        <span className={styles.noBar} />
        <span className={styles.facts}>&nbsp;</span>
      </div>
    </div>
  );
}

function TurnWords({ turn }: { turn: Turn }) {
  const { felt, served, gap, reactions } = turn;
  const failed = turn.evaluations.filter((one) => isVerdict(one) && one.assessment === 'fail');
  const stalledMs = felt?.stalls.reduce((sum, stall) => sum + stall.duration_ms, 0) ?? 0;
  const isCut = felt?.end_reason != null && felt.end_reason !== 'done';
  const proxyMs = gap?.proxy_ms ?? 0;
  return (
    <>
      <span className={styles.question} title={turn.question} dir="auto">
        {turn.question ? `“${plainText(turn.question)}”` : 'A question that was not recorded'}
      </span>
      {felt ? (
        <WaitBar felt={felt} ttftMs={served?.ttft_ms ?? null} />
      ) : (
        <span className={styles.noBar} title="The page told nothing of this answer" />
      )}
      <span className={styles.facts}>
        {felt && (
          <span>
            felt first word <b>{felt.first_word_ms === null ? '–' : lengthWords(felt.first_word_ms)}</b>
          </span>
        )}
        {served?.ttft_ms != null && <span>server {lengthWords(served.ttft_ms)}</span>}
        {proxyMs >= WORTH_TELLING_MS && <span>held on the way {lengthWords(proxyMs)}</span>}
        {stalledMs >= WORTH_TELLING_MS && (
          <Chip tone="warn" title="The answer stood still while it was being given">
            stalled {lengthWords(stalledMs)}
          </Chip>
        )}
        {isCut && <Chip tone="warn">{endWords(felt?.end_reason)}</Chip>}
        {reactions.map(({ kind, at_ms }) => (
          <Chip key={`${kind} ${at_ms}`} tone={reactionTone(kind)}>
            {reactionWords(kind)}
          </Chip>
        ))}
        {failed.map(({ evaluation_id, label, source }) => (
          <Chip key={evaluation_id} tone="bad" title={`${label}, by ${source}`}>
            {label}: fail
          </Chip>
        ))}
        {turn.match === 'time' && (
          <Chip title="The page and the agent share no trace id">matched by time only</Chip>
        )}
        {!served && <Chip>no trace</Chip>}
        <span className={styles.model}>{served?.models.join(', ')}</span>
        {served?.cost_usd ? <span>{costWords(served.cost_usd)}</span> : null}
      </span>
    </>
  );
}
