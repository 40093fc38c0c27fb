import { Textarea } from '@mantine/core';

import { isRich, plainText, toParagraphs } from '../memo';
import type { InputProps, Inputs } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';

function Input(props: InputProps) {
  const { attribute, value, onChange, variant } = props;
  const rich = isRich(attribute);
  return (
    <Textarea
      {...frameProps(props)}
      autosize={variant !== 'cell'}
      minRows={variant === 'cell' ? 1 : 3}
      maxRows={14}
      rows={variant === 'cell' ? 1 : undefined}
      maxLength={attribute.max_length ?? undefined}
      value={rich ? plainText(asText(value)) : asText(value)}
      // Plain text typed here is stored as paragraphs, so that it reads the same everywhere.
      onChange={(event) => onChange(rich ? toParagraphs(event.currentTarget.value) : event.currentTarget.value)}
    />
  );
}

export const memo: Inputs = {
  Input,
  Filter: (props) => <Input attribute={{ ...props.attribute, type: 'text', format: null }} variant="inline" value={props.value} onChange={props.onChange} autoFocus={props.autoFocus} />,
};
