import { TextInput } from '@mantine/core';
import { useState } from 'react';

import { readDuration, writeDuration } from '../duration';
import classes from '../fields.module.css';
import type { InputProps, Inputs } from '../types';
import { RangeOr } from './filters';
import { frameProps } from './frame';

function Input(props: InputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const { value, onChange } = props;
  return (
    <TextInput
      {...frameProps(props)}
      className={classes.number}
      autoComplete="off"
      placeholder="1h 30m"
      value={draft ?? writeDuration(value)}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setDraft(typed);
        onChange(typed.trim() ? (readDuration(typed) ?? typed) : null);
      }}
      onBlur={() => {
        setDraft(null);
        props.onBlur?.();
      }}
    />
  );
}

export const duration: Inputs = { Input, Filter: (props) => <RangeOr {...props} Input={Input} /> };
