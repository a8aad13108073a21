import { Button } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchTurns } from '../../api/lists.ts';
import type { Turn } from '../../api/types.ts';
import { Explorer } from '../../parts/explore/Explorer.tsx';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { useKeys } from '../../parts/keys.ts';
import { useSearchChange } from '../../parts/page_left.ts';
import { useTitle } from '../../parts/title.ts';
import { ChosenAnswer } from './AnswerPanel.tsx';
import { BELOW, COLUMNS } from './columns.tsx';
import { Playlist } from './Playlist.tsx';

const route = getRouteApi('/shell/answers');
const idOf = (turn: Turn) => turn.turn_id;

/** Where a playlist begins that nobody has chosen a place in. */
const FIRST = 'first';

/** Every answer in a time range from both sides, as it was felt beside as it was served; the newest on top. */
export function AnswersPage() {
  useTitle('Answers');
  const { play, ...search } = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const select = useCallback((selected: string | undefined) => change({ selected }), [change]);
  const setPlay = (next: string | undefined, isStep: boolean) => change({ play: next }, isStep);
  useKeys({ p: () => play ?? setPlay(search.selected ?? FIRST, true) });
  if (play) {
    return (
      <Playlist
        search={search}
        turnId={play === FIRST ? null : play}
        onTurn={(turnId) => setPlay(turnId, false)}
        onClose={() => setPlay(undefined, true)}
      />
    );
  }
  return (
    <Explorer
      signal="turns"
      title="Answers"
      noun="answers"
      tone="machine"
      placeholder="Words of questions and answers, or fields: evaluation.grounded:fail left_after:<60s"
      columns={COLUMNS}
      below={BELOW}
      idOf={idOf}
      fetchPage={fetchTurns}
      search={search}
      onSearch={change}
      onSelect={select}
      onOpen={(turn) => {
        if (turn.served) void navigate({ to: '/traces/$traceId', params: { traceId: turn.served.trace_id } });
        else if (turn.session_id)
          void navigate({ to: '/sessions/$sessionId', params: { sessionId: turn.session_id } });
      }}
      panel={
        search.selected ? (
          <ChosenAnswer key={search.selected} turnId={search.selected} onClose={() => select(undefined)} />
        ) : null
      }
      firstSteps={<AgentSteps />}
      testId="answer-row"
      beside={
        <Button
          leftSection={<Icon name="play" size={13} />}
          onClick={() => setPlay(FIRST, true)}
          title="Key: p"
          data-testid="play-answers"
        >
          Play replays
        </Button>
      }
    />
  );
}
