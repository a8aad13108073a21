import styles from './VitalTiles.module.css';
import type { Vital } from './vitals.ts';

/** The Web Vitals of a view, each with its verdict and the published thresholds it has it from. */
export function VitalTiles({ vitals }: { vitals: Vital[] }) {
  return (
    <dl className={styles.tiles} data-testid="vitals">
      {vitals.map((vital) => (
        <div key={vital.name} className={styles.tile} title={explained(vital)} data-tone={vital.tone}>
          <dt>
            {vital.name} <small>≤ {vital.goodWords}</small>
          </dt>
          <dd className={styles[vital.tone]}>
            {vital.words} <span className={styles.verdict}>{VERDICTS[vital.tone]}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const VERDICTS = { ok: 'good', warn: 'needs improvement', bad: 'poor' } as const;

function explained({ title, tone, goodWords, poorWords, element }: Vital): string {
  const of = element ? `\nOf ${element}` : '';
  return `${title}: ${VERDICTS[tone]}\nGood up to ${goodWords}, poor above ${poorWords}${of}`;
}
