import { TextInput } from '@mantine/core';

import type { InputProps, Inputs } from '../types';
import { asText } from '../values';
import { CurrencyInput } from './CurrencyInput';
import { ListOr } from './filters';
import { frameProps } from './frame';

const INPUT_TYPE: Record<string, 'email' | 'tel' | 'url'> = { email: 'email', phone: 'tel', url: 'url' };

function Input(props: InputProps) {
  if (props.attribute.format === 'currency') return <CurrencyInput {...props} />;
  return <PlainInput {...props} />;
}

function PlainInput(props: InputProps) {
  const { attribute, value, onChange } = props;
  const kind = INPUT_TYPE[attribute.format ?? ''];
  return (
    <TextInput
      {...frameProps(props)}
      type={kind ?? 'text'}
      inputMode={kind}
      autoComplete="off"
      maxLength={attribute.max_length ?? undefined}
      value={asText(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export const text: Inputs = { Input, Filter: (props) => <ListOr {...props} Input={Input} /> };
