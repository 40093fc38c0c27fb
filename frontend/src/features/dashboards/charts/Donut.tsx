import { formatNumber } from '@/ui';
import { arcs } from '../series';
import type { ChartProps } from './Bars';
import classes from './charts.module.css';

const SIZE = 168;
const RING = 26;

/** Shares of a whole as a ring; the legend beside it holds the links, the ring repeats them for the mouse. */
export function Donut({ points, hrefOf, describe, total, label }: ChartProps & { total: number; label: string }) {
  const ring = arcs(points, SIZE, RING);
  const color = (name: string | null) => `var(--k-chip-${name ?? 'gray'}-text)`;
  return (
    <div className={classes.donut}>
      <svg width={SIZE} height={SIZE} viewBox={`0 0 ${SIZE} ${SIZE}`} aria-hidden className={classes.ring}>
        {ring.map(({ point, path }) => {
          const href = hrefOf(point);
          const segment = (
            <path d={path} fill={color(point.color)} className={classes.segment}>
              <title>{describe(point)}</title>
            </path>
          );
          return href ? (
            <a key={point.key} href={href} tabIndex={-1}>
              {segment}
            </a>
          ) : (
            <g key={point.key}>{segment}</g>
          );
        })}
        <text x={SIZE / 2} y={SIZE / 2 - 2} textAnchor="middle" className={classes.donutNumber}>
          {formatNumber(total)}
        </text>
        <text x={SIZE / 2} y={SIZE / 2 + 18} textAnchor="middle" className={classes.donutLabel}>
          {label}
        </text>
      </svg>
      <ul className={classes.legend}>
        {points.map((point) => {
          const share = total ? Math.round((point.count / total) * 100) : 0;
          const href = point.count ? hrefOf(point) : null;
          const content = (
            <>
              <span className={classes.dot} style={{ background: color(point.color) }} aria-hidden />
              <span className="k-truncate" style={{ flex: 1 }}>
                {point.label}
              </span>
              <span className="k-num">{formatNumber(point.count)}</span>
              <span className={classes.share}>{share} %</span>
            </>
          );
          return (
            <li key={point.key}>
              {href ? (
                <a className={classes.legendLine} href={href} aria-label={describe(point)}>
                  {content}
                </a>
              ) : (
                <span className={classes.legendLine}>{content}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
