import { Checkbox } from '@mantine/core';

import { useT } from '@/i18n';
import type { FilterProps, InputProps, Inputs } from '../types';
import { frameProps } from './frame';
import { OptionPicker } from './OptionPicker';

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

export const bool: Inputs = { Input, Filter };
