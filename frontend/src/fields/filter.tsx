/** A kept filter: edited where it is about something, elsewhere only told that there is one. */
import { t, useT } from '@/i18n';
import { EmptyMark, Line } from './display';
import { compareTexts, compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

const format = (value: unknown) => (value ? t('fields.filterSet') : '');

function Display({ value }: DisplayProps) {
  const translate = useT();
  return value ? <span>{translate('fields.filterSet')}</span> : <EmptyMark />;
}

export const filter: FieldBase = {
  Display,
  Cell: ({ value }) => (value ? <Line>{format(value)}</Line> : null),
  parse: () => ({ ok: false, message: t('fields.filterElsewhere') }),
  format,
  compare: compareWith(format, compareTexts),
  width: 120,
};
