import { TextInput } from '@mantine/core';

import { useT } from '@/i18n';
import { EmptyMark, frameProps } from './frame';
import classes from './fields.module.css';
import { text } from './text';
import { asText } from './values';
import type { FieldType, InputProps } from './types';

function Input(props: InputProps) {
  const t = useT();
  return <TextInput {...frameProps(props)} readOnly variant="filled" value={asText(props.value)} placeholder={t('fields.automatic')} />;
}

/** Numbers the system assigns, such as Q-1042. */
export const auto: FieldType = {
  ...text,
  Display: ({ value }) => (value ? <span className="k-code">{asText(value)}</span> : <EmptyMark />),
  Cell: ({ value }) => (value ? <span className={`k-code ${classes.line}`}>{asText(value)}</span> : null),
  Input,
  validate: undefined,
  width: 120,
};
