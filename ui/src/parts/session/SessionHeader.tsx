import { Button, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Session, Turn } from '../../api/types.ts';
import { costWords, counted } from '../amounts.ts';
import { Chip, CountMark } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { PanelHeader } from '../PanelHeader.tsx';
import { initials, isKnown, personName } from '../people.ts';
import { lengthWords } from '../times.ts';
import { verdictsOf } from '../turn/turn_words.ts';
import type { SessionPlace } from './place.ts';
import styles from './SessionHeader.module.css';

interface Properties {
  session: Session;
  traceCount: number;
  /** Its questions and answers, once they are known. */
  turns?: Turn[] | undefined;
  onShow: (place: SessionPlace) => void;
  onClose?: () => void;
  /** The moment the panel stands at, epoch ms on the page's clock. */
  at?: number | undefined;
  /** The ways on from here, in place of those to the parts of the panel. */
  buttons?: ReactNode;
  /** The address to copy, where the page's own does not tell the moment. */
  link?: () => string;
}

/** Who it was, when, where and for how long; the ways on to their LLM traces and their replay. */
export function SessionHeader(properties: Properties) {
  const { session, traceCount, turns = [], onShow, onClose, buttons, link } = properties;
  const failed = turns.reduce((sum, turn) => sum + verdictsOf(turn).failed, 0);
  const name = personName(session.user, session.session_id);
  return (
    <PanelHeader
      mark={
        <div className={styles.who} aria-hidden="true">
          {isKnown(session.user) ? initials(session.user.name ?? name) : <Icon name="person" size={16} />}
        </div>
      }
      title={
        session.user.name && session.user.email ? (
          <>
            {session.user.name} <small className={styles.email}>{session.user.email}</small>
          </>
        ) : (
          name
        )
      }
      hover={session.user.id ?? session.session_id}
      start={session.first_seen}
      facts={factsOf(session)}
      chips={
        <>
          {session.is_active && <Chip tone="person">going on</Chip>}
          {frustrationWords(session.frustrations).map((words) => (
            <Chip key={words} tone="bad">
              {words}
            </Chip>
          ))}
          {failed > 0 && <Chip tone="bad">{counted(failed, 'failed evaluation')}</Chip>}
          {session.errors > 0 && <Chip tone="bad">{counted(session.errors, 'error')}</Chip>}
          {session.cost_usd !== null && <Chip>{costWords(session.cost_usd)}</Chip>}
        </>
      }
      buttons={
        buttons ?? (
          <>
            <Button onClick={() => onShow({ tab: 'traces' })} data-testid="llm-traces-button">
              LLM Traces <CountMark>{traceCount}</CountMark>
            </Button>
            <ReplayButton session={session} onShow={onShow} />
            <DiptychButton sessionId={session.session_id} at={properties.at} />
          </>
        )
      }
      {...(link ? { link } : {})}
      panel={
        onClose
          ? {
              onClose,
              open: (className, content) => (
                <Link
                  to="/sessions/$sessionId"
                  params={{ sessionId: session.session_id }}
                  className={className}
                  aria-label="Open as a page"
                >
                  {content}
                </Link>
              ),
            }
          : null
      }
    />
  );
}

function ReplayButton({ session, onShow }: Pick<Properties, 'session' | 'onShow'>) {
  const button = (
    <Button
      onClick={() => onShow({ tab: 'replay' })}
      disabled={!session.has_replay}
      leftSection={<Icon name="play" size={13} filled />}
      data-testid="replay-button"
    >
      Replay
    </Button>
  );
  if (session.has_replay) return button;
  const why = session.is_active ? 'No recording of it has arrived yet' : 'This session was not recorded';
  return <Tooltip label={why}>{button}</Tooltip>;
}

/** To both sides at once, at the moment that is shown. */
function DiptychButton({ sessionId, at }: { sessionId: string; at: number | undefined }) {
  return (
    <Tooltip label="What the person saw beside what the agent did">
      <Button
        variant="filled"
        renderRoot={(properties) => (
          <Link
            {...properties}
            to="/sessions/$sessionId/diptych"
            params={{ sessionId }}
            search={at === undefined ? {} : { at }}
            data-testid="diptych-link"
          />
        )}
      >
        Diptych
      </Button>
    </Tooltip>
  );
}

/** Device, place and size of a session; what is unknown is left out. */
function factsOf(session: Session): string[] {
  const device = [session.browser, session.os].filter(Boolean).join(', ');
  return [lengthWords(session.duration_ms), device, session.country, counted(session.views, 'view')].filter(
    Boolean,
  );
}

function frustrationWords(frustrations: Record<string, number>): string[] {
  return Object.entries(frustrations)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => counted(count, kind.replaceAll('_', ' ')));
}
