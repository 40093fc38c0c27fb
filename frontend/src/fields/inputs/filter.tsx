import { useT } from '@/i18n';
import { filter as base } from '../filter';
import type { Inputs, InputProps } from '../types';

/** Filters are edited with the records they find beside them, not in a form. */
function Input(props: InputProps) {
  const t = useT();
  return (
    <div>
      <base.Display {...props} />
      <div className="k-meta">{t('fields.filterElsewhere')}</div>
    </div>
  );
}

export const filter: Inputs = { Input, Filter: () => null };
