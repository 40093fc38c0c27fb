/** Makes the field of a type whose value is a reference to a record. */
import { t } from '@/i18n';
import { EmptyMark } from './display';
import { RefLink } from './RefLink';
import type { FieldBase } from './types';
import { asRef, compareTexts, compareWith } from './values';

/** A field that shows a reference as a link to the record. */
export const reference: FieldBase = {
  Display: ({ value }) => {
    const ref = asRef(value);
    return ref ? <RefLink value={ref} /> : <EmptyMark />;
  },
  Cell: ({ value }) => {
    const ref = asRef(value);
    return ref && <RefLink value={ref} line />;
  },
  parse: (text) => (text.trim() ? { ok: false, message: t('fields.pasteReference') } : { ok: true, value: null }),
  format: (value) => asRef(value)?.name ?? '',
  compare: compareWith((value) => asRef(value)?.name ?? null, compareTexts),
  width: 180,
};
