import { useElementSize } from '@mantine/hooks';
import styles from './Sparkline.module.css';

interface Properties {
  /** Epoch ms and value; a value that is not known breaks the line. */
  points: readonly (readonly [number, number | null])[];
  tone: 'person' | 'machine';
  /** Counts stand as bars; anything else is a line. */
  isCount: boolean;
}

const HEIGHT_PX = 40;

/** How a figure went over the time, without axes: its shape is what matters. */
export function Sparkline({ points, tone, isCount }: Properties) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const most = Math.max(...points.map(([, value]) => value ?? 0), Number.MIN_VALUE);
  const step = width / Math.max(1, points.length);
  const y = (value: number) => HEIGHT_PX - 1 - (value / most) * (HEIGHT_PX - 3);
  return (
    <div ref={ref} className={styles.frame} aria-hidden="true">
      <svg width={width} height={HEIGHT_PX} className={styles[tone]} aria-hidden="true">
        {isCount
          ? points.map(([ms, value], index) =>
              value ? (
                <rect
                  key={ms}
                  x={index * step + 0.5}
                  width={Math.max(1, step - 1.5)}
                  y={y(value)}
                  height={HEIGHT_PX - y(value)}
                  rx={1}
                />
              ) : null,
            )
          : linesOf(points).map((line) => (
              <polyline
                key={line[0]?.[0]}
                points={line.map(([place, value]) => `${(place + 0.5) * step},${y(value)}`).join(' ')}
              />
            ))}
      </svg>
    </div>
  );
}

/** Runs of points with a value: place in the row, and the value. A point alone becomes a short line. */
function linesOf(points: Properties['points']): [number, number][][] {
  const lines: [number, number][][] = [];
  let line: [number, number][] = [];
  points.forEach(([, value], place) => {
    if (value === null) {
      if (line.length > 0) lines.push(line);
      line = [];
    } else line.push([place, value]);
  });
  if (line.length > 0) lines.push(line);
  return lines.map((one) =>
    one.length > 1
      ? one
      : one.flatMap(([x, v]) => [
          [x - 0.3, v],
          [x + 0.3, v],
        ]),
  );
}
