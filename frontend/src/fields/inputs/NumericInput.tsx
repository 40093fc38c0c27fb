import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { formatNumber, parseNumber } from '@/ui/formatting';
import classes from '../fields.module.css';
import { parsePlain } from '../numbers';
import type { InputProps } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';

export interface NumericProps extends InputProps {
  /** Numbers are kept as decimal strings, or as JSON numbers for integers and floats. */
  kind: 'string' | 'number';
  precision: number | null;
  suffix?: ReactNode;
}

/**
 * A number typed in the user's way. While typing the text stays as it is; what cannot be read is handed on as text,
 * so that nothing is lost and `validateNumber` can say why.
 */
export function NumericInput({ kind, precision, suffix, ...props }: NumericProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const { value, onChange, variant } = props;
  const frame = frameProps(props);
  const readable = asText(value) !== '' && parsePlain(asText(value)) !== null;
  const shown = draft ?? (readable ? formatNumber(asText(value), kind === 'string' ? precision : null) : asText(value));
  return (
    <TextInput
      {...frame}
      className={classes.number}
      inputMode={precision === 0 ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={shown}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setDraft(typed);
        const plain = parseNumber(typed);
        onChange(typed.trim() === '' ? null : plain === null ? typed : kind === 'number' ? Number(plain) : plain);
      }}
      onBlur={() => {
        setDraft(null);
        props.onBlur?.();
      }}
      rightSection={variant !== 'cell' && suffix ? <span className={classes.suffix}>{suffix}</span> : undefined}
      rightSectionWidth={suffix && variant !== 'cell' ? (typeof suffix === 'string' ? `${suffix.length + 3}ch` : 56) : undefined}
      rightSectionPointerEvents="none"
    />
  );
}

