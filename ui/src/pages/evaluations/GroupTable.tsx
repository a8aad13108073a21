import type { EvaluationSummary } from '../../api/types.ts';
import { countWords } from '../../parts/amounts.ts';
import type { Range } from '../../parts/range.ts';
import styles from './EvaluationsPage.module.css';
import { FEW, shareWords } from './shares.ts';
import { ToAnswers } from './ToAnswers.tsx';

type Group = EvaluationSummary['groups'][number];

/** Labels that have a column; those with most verdicts. */
const COLUMNS = 6;

/** A row a model, prompt or application, a column a label: the share that passed, and of how many. */
export function GroupTable(properties: { title: string; groups: Group[]; range: Range }) {
  const { title, groups, range } = properties;
  if (groups.length === 0) {
    return (
      <p className={styles.mute}>
        No verdict of this time is of a trace that has arrived, or its spans name none of these.
      </p>
    );
  }
  const labels = commonest(groups.map((one) => [one.label, one.passed + one.failed]));
  const values = commonest(groups.map((one) => [one.value, one.passed + one.failed]));
  const cells = new Map(groups.map((one) => [JSON.stringify([one.value, one.label]), one]));
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{title}</th>
            {labels.slice(0, COLUMNS).map((label) => (
              <th key={label} className={styles.number} title={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value} data-testid="group-row" data-value={value}>
              <td title={value}>{value}</td>
              {labels.slice(0, COLUMNS).map((label) => (
                <td key={label} className={styles.number}>
                  <Cell cell={cells.get(JSON.stringify([value, label]))} range={range} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {labels.length > COLUMNS && (
        <p className={styles.mute}>
          {labels.length - COLUMNS} more labels: choose one above to see it alone.
        </p>
      )}
    </div>
  );
}

function Cell({ cell, range }: { cell: Group | undefined; range: Range }) {
  if (!cell) return <span className={styles.mute}>–</span>;
  const whole = cell.passed + cell.failed;
  return (
    <ToAnswers query={cell.query} range={range} title={`${countWords(cell.failed)} failed: ${cell.query}`}>
      {shareWords(cell.passed, whole)}{' '}
      <small className={styles.mute}>
        of {countWords(whole)}
        {whole < FEW ? ' (few)' : ''}
      </small>
    </ToAnswers>
  );
}

function commonest(weighed: [string, number][]): string[] {
  const sums = new Map<string, number>();
  for (const [name, weight] of weighed) sums.set(name, (sums.get(name) ?? 0) + weight);
  return [...sums]
    .sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]))
    .map(([name]) => name);
}
