/** What all displays share: the empty mark and the line that is cut. */
import { useT } from '@/i18n';
import classes from './fields.module.css';
import type { FieldAttribute } from './types';

/** A value that is not there: a dash that screen readers read as "empty". */
export function EmptyMark() {
  const t = useT();
  return (
    <span className={classes.empty}>
      <span aria-hidden>–</span>
      <span className="k-visually-hidden">{t('fields.empty')}</span>
    </span>
  );
}

/** One line that is cut with an ellipsis and shows the whole text on hover. */
export function Line({ children, right }: { children: string; right?: boolean }) {
  return (
    <span className={classes.line} data-right={right || undefined} title={children}>
      {children}
    </span>
  );
}

export const optionsOf = (attribute: FieldAttribute) => attribute.options ?? [];
