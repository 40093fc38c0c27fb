import { Delayed, formatMoney, formatMoneyShort, SkeletonBar } from '@/ui';
import classes from './dashboards.module.css';

interface Props {
  label: string;
  amount: string | number | null;
  /** Below the number: how many records, or the comparison. */
  note: string;
  href: string;
  pending: boolean;
  failed: boolean;
  stale?: boolean;
}

/** One number that leads to its records. */
export function NumberTile({ label, amount, note, href, pending, failed, stale }: Props) {
  return (
    <a className={classes.number} href={href} data-stale={stale || undefined} title={failed || pending ? undefined : formatMoney(amount ?? 0)}>
      <span className={classes.numberLabel}>{label}</span>
      <span className={classes.numberValue}>
        {pending ? (
          <Delayed>
            <SkeletonBar width={112} height={20} />
          </Delayed>
        ) : failed ? (
          '–'
        ) : (
          formatMoneyShort(amount ?? 0)
        )}
      </span>
      <span className={classes.numberNote}>{pending || failed ? '\u00a0' : note}</span>
    </a>
  );
}
