import { Button, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { evaluationSummaryQuery, type Group } from '../../api/evaluations.ts';
import type { EvaluationSummary } from '../../api/types.ts';
import { useIsVisible } from '../../parts/explore/live.ts';
import { PageTop } from '../../parts/PageTop.tsx';
import { useSearchChange } from '../../parts/page_left.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { boundsOf, isLive, questionKey, rangeWords } from '../../parts/range.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import { AgreementCards } from './AgreementCards.tsx';
import { CalibrationTable } from './CalibrationTable.tsx';
import styles from './EvaluationsPage.module.css';
import { GroupTable } from './GroupTable.tsx';
import { LabelTable } from './LabelTable.tsx';

const route = getRouteApi('/shell/evaluations');

const GROUPS: { value: Group; label: string }[] = [
  { value: 'model', label: 'Model' },
  { value: 'prompt', label: 'Prompt' },
  { value: 'ml_app', label: 'Application' },
];

/** How answers were judged, by whom, and whether those who judge agree; every number leads to its answers. */
export function EvaluationsPage() {
  useTitle('Evaluations');
  const search = route.useSearch();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const isVisible = useIsVisible();
  const { from, to, label = '', by = 'model' } = search;
  const range = { from, to };
  const summary = useQuery({
    ...evaluationSummaryQuery(
      questionKey(range, ''),
      () => boundsOf(range),
      label,
      by,
      isLive(range) && isVisible,
    ),
    placeholderData: keepPreviousData,
  });
  const choose = (next: string | undefined) => change({ label: next });
  return (
    <section className={styles.page} aria-label="Evaluations">
      <PageTop title="Evaluations" note={null}>
        <RangePicker range={range} onChange={(next) => change({ from: next.from, to: next.to }, true)} />
      </PageTop>
      {summary.isPending && <Loading rows={10} />}
      {summary.error && !summary.data && (
        <Failed error={summary.error} retry={() => void summary.refetch()} />
      )}
      {summary.data && summary.data.labels.length === 0 && (
        <Empty title={`Nothing was judged: ${rangeWords(range).toLowerCase()}`}>
          <p>
            Judges and programs send evaluations to <code>/v1/evaluations</code>, colleagues judge on the page
            of a trace, and what people do with answers becomes evidence by itself.
          </p>
          {label && <Button onClick={() => choose(undefined)}>All labels</Button>}
        </Empty>
      )}
      {summary.data && summary.data.labels.length > 0 && (
        <Sections
          summary={summary.data}
          range={range}
          label={label}
          onLabel={choose}
          grouped={GROUPS.find(({ value }) => value === by)?.label ?? by}
          by={
            <SegmentedControl
              size="xs"
              aria-label="Pass rates by"
              data={GROUPS}
              value={by}
              onChange={(next) => change({ by: next as Group })}
            />
          }
        />
      )}
    </section>
  );
}

function Sections({
  summary,
  range,
  label,
  onLabel,
  grouped,
  by,
}: {
  summary: EvaluationSummary;
  range: { from?: string | undefined; to?: string | undefined };
  label: string;
  onLabel: (label: string | undefined) => void;
  /** What the pass rates are by, and the choice of it. */
  grouped: string;
  by: ReactNode;
}) {
  return (
    <>
      <section className={styles.card} aria-label="Labels">
        <div className={styles.head}>
          <h2>Labels</h2>
          <span className={styles.mute}>each judgement once, as its latest version says</span>
          <span className={styles.space} />
          {label && <Button onClick={() => onLabel(undefined)}>All labels</Button>}
        </div>
        <LabelTable labels={summary.labels} range={range} chosen={label} onLabel={onLabel} />
      </section>
      <section className={styles.card} aria-label="Pass rates">
        <div className={styles.head}>
          <h2>Pass rates</h2>
          <span className={styles.mute}>behaviour counts for nothing here</span>
          <span className={styles.space} />
          {by}
        </div>
        <GroupTable title={grouped} groups={summary.groups} range={range} />
      </section>
      <section className={styles.card} aria-label="Agreement">
        <div className={styles.head}>
          <h2>Do those who judge agree?</h2>
          <span className={styles.mute}>
            on the same answer; of several verdicts of one source a fail counts
          </span>
        </div>
        <AgreementCards pairs={summary.agreement} range={range} />
      </section>
      <section className={styles.card} aria-label="Calibration">
        <div className={styles.head}>
          <h2>Behaviour against thumbs</h2>
          <span className={styles.mute}>how far what people do foretells what they say</span>
        </div>
        <CalibrationTable summary={summary} range={range} />
      </section>
    </>
  );
}
