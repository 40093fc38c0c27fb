import { Checkbox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';

import { t, useT } from '@/i18n';
import { EmptyMark, frameProps } from './frame';
import { compareWith } from './values';
import { OptionPicker } from './OptionPicker';
import type { DisplayProps, FieldType, FilterProps, InputProps } from './types';

function Display({ value }: DisplayProps) {
  const t = useT();
  return value == null ? <EmptyMark /> : <>{value ? t('fields.yes') : t('fields.no')}</>;
}

function Cell({ value }: DisplayProps) {
  const t = useT();
  if (!value) return null;
  return <IconCheck size={16} stroke={2} aria-label={t('fields.yes')} />;
}

function Input(props: InputProps) {
  const { value, onChange, variant = 'form' } = props;
  const { variant: _variant, classNames: _classNames, withAsterisk: _asterisk, error, ...frame } = frameProps(props);
  const box = <Checkbox {...frame} size="xs" error={error} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  return <div style={variant === 'form' ? { paddingTop: 24 } : { padding: variant === 'cell' ? '0 8px' : undefined, display: 'flex', alignItems: 'center', height: '100%' }}>{box}</div>;
}

function Filter({ attribute, value, onChange, autoFocus }: FilterProps) {
  const t = useT();
  return (
    <OptionPicker
      label={attribute.label}
      options={[
        { value: 1, label: t('fields.yes'), color: null },
        { value: 0, label: t('fields.no'), color: null },
      ]}
      selected={value === true ? [1] : value === false ? [0] : []}
      onChange={([next]) => onChange(next === undefined ? null : next === 1)}
      autoFocus={autoFocus}
    />
  );
}

const YES = ['true', 'yes', 'y', '1', 'ja', 'j', 'x', 'да', 'd'];
const NO = ['false', 'no', 'n', '0', 'nein', 'nej', 'не', 'нет'];

export const bool: FieldType = {
  Display,
  Cell,
  Input,
  Filter,
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
