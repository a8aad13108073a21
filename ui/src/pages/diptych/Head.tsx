import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Session, TraceSummary, Turn } from '../../api/types.ts';
import { CountMark } from '../../parts/Chip.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { PanelHeader } from '../../parts/PanelHeader.tsx';
import { SessionHeader } from '../../parts/session/SessionHeader.tsx';
import type { OnePlayhead } from './usePlayhead.ts';

interface Properties {
  sessionId: string;
  session: Session | null;
  traces: TraceSummary[];
  turns: Turn[];
  playhead: OnePlayhead;
}

/** Who it was and when; copies a link to the moment that is shown. */
export function Head({ sessionId, session, traces, turns, playhead }: Properties) {
  const link = () => linkTo(playhead);
  const buttons = (
    <>
      <Ways sessionId={sessionId} tab="traces" testId="llm-traces-button">
        LLM Traces <CountMark>{traces.length}</CountMark>
      </Ways>
      <Ways sessionId={sessionId} tab="timeline">
        RUM Session
      </Ways>
    </>
  );
  if (session) {
    return (
      <SessionHeader
        session={session}
        traceCount={traces.length}
        turns={turns}
        onShow={() => {}}
        buttons={buttons}
        link={link}
      />
    );
  }
  return (
    <PanelHeader
      mark={<Icon name="person" size={16} />}
      title={`Session ${sessionId}`}
      hover={sessionId}
      start={traces[0]?.start ?? new Date().toISOString()}
      facts={[]}
      chips={null}
      buttons={buttons}
      link={link}
      panel={null}
    />
  );
}

function Ways(properties: {
  sessionId: string;
  tab: 'traces' | 'timeline';
  testId?: string;
  children: React.ReactNode;
}) {
  const { sessionId, tab, testId, children } = properties;
  return (
    <Button
      renderRoot={(props) => (
        <Link
          {...props}
          to="/sessions/$sessionId"
          params={{ sessionId }}
          search={{ tab }}
          data-testid={testId}
        />
      )}
    >
      {children}
    </Button>
  );
}

/** The address of this very moment, with what is chosen at it. */
function linkTo({ player, choice, tab, tabs }: OnePlayhead): string {
  const address = new URL(window.location.href);
  address.searchParams.set('at', `${Math.round(player.state().at)}`);
  address.searchParams.delete('turn');
  if (tab !== null && tabs.length > 1) address.searchParams.set('tab', tab);
  for (const name of ['trace', 'span'] as const) {
    const id = choice[name];
    if (id === null) address.searchParams.delete(name);
    else address.searchParams.set(name, id);
  }
  return address.href;
}
