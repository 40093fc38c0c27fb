import { useId } from 'react';

import { formatMoney, formatMoneyShort, formatNumber } from '@/ui';
import type { Point } from '../series';
import { ticks } from '../series';
import classes from './charts.module.css';

export interface ChartProps {
  points: Point[];
  /** Address of the records behind a point; null when it has none. */
  hrefOf: (point: Point) => string | null;
  /** What one point says, for screen readers and the tooltip. */
  describe: (point: Point) => string;
}

const HEIGHT = 200;
const MOST_LABELS = 13;

/** Vertical bars over time. Bars are links, so that they can be reached by keyboard; heights are percentages, so that it fits any width. */
export function TimeBars({ points, hrefOf, describe }: ChartProps) {
  const axis = ticks(Math.max(0, ...points.map((point) => point.value)));
  const most = axis.at(-1) || 1;
  const every = Math.ceil(points.length / MOST_LABELS);
  const id = useId();
  return (
    <div className={classes.plot}>
      <div className={classes.axis} style={{ height: HEIGHT }} aria-hidden>
        {axis.map((tick) => (
          <span key={tick} style={{ bottom: `${(tick / most) * 100}%` }}>
            {formatMoneyShort(tick)}
          </span>
        ))}
      </div>
      <div className={classes.area}>
        <div className={classes.bars} style={{ height: HEIGHT }}>
          {axis.map((tick) => (
            <span key={tick} className={classes.rule} style={{ bottom: `${(tick / most) * 100}%` }} aria-hidden />
          ))}
          {points.map((point) => {
            const href = point.count ? hrefOf(point) : null;
            const bar = <span className={classes.bar} style={{ height: `${Math.max(point.value > 0 ? 0.8 : 0, (point.value / most) * 100)}%` }} />;
            return href ? (
              <a key={point.key} className={classes.slot} href={href} aria-label={describe(point)} title={describe(point)}>
                {bar}
              </a>
            ) : (
              <span key={point.key} className={classes.slot} title={describe(point)}>
                {bar}
              </span>
            );
          })}
        </div>
        <div className={classes.labels} aria-hidden id={id}>
          {points.map((point, index) => (
            <span key={point.key} data-minor={(index / every) % 2 === 1 || undefined}>
              {index % every === 0 ? point.label : ''}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Horizontal bars, one line per value, with amount and count. */
export function LineBars({ points, hrefOf, describe, onlyCount }: ChartProps & { onlyCount?: boolean }) {
  const measure = (point: Point) => (onlyCount ? point.count : point.value);
  const most = Math.max(1, ...points.map(measure));
  return (
    <ul className={classes.lines}>
      {points.map((point) => {
        const href = point.count ? hrefOf(point) : null;
        const content = (
          <>
            <span className={classes.lineLabel}>{point.label}</span>
            <span className={classes.track}>
              <span className={classes.fill} data-color={point.color ?? undefined} style={{ width: `${(measure(point) / most) * 100}%`, background: point.color ? `var(--k-chip-${point.color}-text)` : undefined }} />
            </span>
            <span className={classes.lineValue}>{onlyCount ? formatNumber(point.count) : formatMoneyShort(point.amount ?? 0)}</span>
            {!onlyCount && <span className={classes.lineCount}>{formatNumber(point.count)}</span>}
          </>
        );
        return (
          <li key={point.key}>
            {href ? (
              <a className={classes.line} href={href} aria-label={describe(point)} title={describe(point)}>
                {content}
              </a>
            ) : (
              <span className={classes.line} data-empty title={describe(point)}>
                {content}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** The same figures as a table. */
export function ChartTable({ points, hrefOf, heads, onlyCount }: Pick<ChartProps, 'points' | 'hrefOf'> & { heads: [string, string, string]; onlyCount?: boolean }) {
  return (
    <div className={classes.tableBox}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{heads[0]}</th>
            {!onlyCount && <th scope="col">{heads[1]}</th>}
            <th scope="col">{heads[2]}</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => {
            const href = point.count ? hrefOf(point) : null;
            return (
              <tr key={point.key}>
                <th scope="row">{href ? <a href={href}>{point.label}</a> : point.label}</th>
                {!onlyCount && <td>{formatMoney(point.amount ?? 0)}</td>}
                <td>{formatNumber(point.count)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
