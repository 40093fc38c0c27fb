import { Textarea } from '@mantine/core';
import { useState } from 'react';

import { isRich, plainText, toParagraphs } from '../memo';
import type { InputProps, Inputs } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';

function Input(props: InputProps) {
  const { attribute, value, onChange, variant } = props;
  const rich = isRich(attribute);
  // Paragraphs lose the blank just typed at an end; what was typed is shown as long as it is the value.
  const [draft, setDraft] = useState<{ text: string; value: string } | null>(null);
  return (
    <Textarea
      {...frameProps(props)}
      autosize={variant !== 'cell'}
      minRows={variant === 'cell' ? 1 : 3}
      maxRows={14}
      rows={variant === 'cell' ? 1 : undefined}
      maxLength={attribute.max_length ?? undefined}
      value={draft && value === draft.value ? draft.text : rich ? plainText(asText(value)) : asText(value)}
      // Plain text typed here is stored as paragraphs, so that it reads the same everywhere.
      onChange={(event) => {
        const text = event.currentTarget.value;
        const next = rich ? toParagraphs(text) : text;
        setDraft(rich ? { text, value: next } : null);
        onChange(next);
      }}
    />
  );
}

export const memo: Inputs = {
  Input,
  Filter: (props) => <Input attribute={{ ...props.attribute, type: 'text', format: null }} variant="inline" value={props.value} onChange={props.onChange} autoFocus={props.autoFocus} />,
};
