/** Values of filter conditions that look the same for many types: ranges, lists, numbers of days. */
import { NumberInput, TagsInput } from '@mantine/core';
import '@mantine/core/styles/NumberInput.layer.css';
import type { ComponentType } from 'react';

import { useT } from '@/i18n';
import classes from '../fields.module.css';
import type { FilterProps, InputProps } from '../types';

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value == null || value === '' ? [] : [value]);

/** One value, or many for `in` and `not_in`. */
export function ListOr({ attribute, operator, value, onChange, autoFocus, Input }: FilterProps & { Input: ComponentType<InputProps> }) {
  if (operator === 'in' || operator === 'not_in') {
    return (
      <TagsInput
        size="sm"
        aria-label={attribute.label}
        autoFocus={autoFocus}
        value={asList(value).map(String)}
        onChange={onChange}
        splitChars={[',', ';', '\n']}
        acceptValueOnBlur
      />
    );
  }
  return <Input attribute={{ ...attribute, format: null, max_length: null }} variant="inline" value={Array.isArray(value) ? value[0] : value} onChange={onChange} autoFocus={autoFocus} />;
}

/** One value, or two for `between`. */
export function RangeOr({ attribute, operator, value, onChange, autoFocus, Input }: FilterProps & { Input: ComponentType<InputProps> }) {
  const t = useT();
  const free = { ...attribute, min: null, max: null, required: false };
  if (operator === 'between') {
    const [from, to] = asList(value);
    return (
      <div className={classes.pair}>
        <Input attribute={{ ...free, label: t('fields.rangeFrom') }} variant="inline" value={from ?? null} onChange={(next) => onChange([next, to ?? null])} autoFocus={autoFocus} />
        <Input attribute={{ ...free, label: t('fields.rangeTo') }} variant="inline" value={to ?? null} onChange={(next) => onChange([from ?? null, next])} />
      </div>
    );
  }
  if (operator === 'in' || operator === 'not_in') return <ListOr attribute={attribute} operator={operator} value={value} onChange={onChange} autoFocus={autoFocus} Input={Input} />;
  return <Input attribute={free} variant="inline" value={Array.isArray(value) ? value[0] : value} onChange={onChange} autoFocus={autoFocus} />;
}

/** True for `last_n_days` and its kind, whose value is a number of days. */
export const takesDays = (operator: string): boolean => /_n_/.test(operator);

/** A number of days, weeks … for relative dates; the unit stands beside it. */
export function DaysFilter({ attribute, value, onChange, autoFocus }: FilterProps) {
  return (
    <NumberInput
      size="sm"
      aria-label={attribute.label}
      autoFocus={autoFocus}
      min={0}
      max={36_500}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => onChange(typeof next === 'number' ? next : null)}
    />
  );
}
