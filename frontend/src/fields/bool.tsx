import { IconCheck } from '@tabler/icons-react';

import { t, useT } from '@/i18n';
import { EmptyMark } from './display';
import { compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

function Display({ value }: DisplayProps) {
  const t = useT();
  return value == null ? <EmptyMark /> : <>{value ? t('fields.yes') : t('fields.no')}</>;
}

function Cell({ value }: DisplayProps) {
  const t = useT();
  if (!value) return null;
  return <IconCheck size={16} stroke={2} aria-label={t('fields.yes')} />;
}

const YES = ['true', 'yes', 'y', '1', 'ja', 'j', 'x', 'да', 'd'];
const NO = ['false', 'no', 'n', '0', 'nein', 'nej', 'не', 'нет'];

export const bool: FieldBase = {
  Display,
  Cell,
  parse: (text) => {
    const word = text.trim().toLowerCase();
    if (!word) return { ok: true, value: null };
    if (YES.includes(word) || word === t('fields.yes').toLowerCase()) return { ok: true, value: true };
    if (NO.includes(word) || word === t('fields.no').toLowerCase()) return { ok: true, value: false };
    return { ok: false, message: `${t('fields.yes')} / ${t('fields.no')}` };
  },
  format: (value) => (value == null ? '' : value ? t('fields.yes') : t('fields.no')),
  compare: compareWith(Number, (a, b) => a - b),
  align: 'center',
  width: 90,
};
