import { formatMoney, formatNumber } from './formatting';

/** Money with tabular figures; negative by its sign, not by colour. */
export function Money({ value, currency, precision = 2 }: { value: string | number | null | undefined; currency?: string | null; precision?: number | null }) {
  return <span className="k-num">{formatMoney(value, currency, precision)}</span>;
}

/** A number with tabular figures. */
export function Num({ value, precision = null }: { value: string | number | null | undefined; precision?: number | null }) {
  return <span className="k-num">{formatNumber(value, precision)}</span>;
}
