import { TextInput } from '@mantine/core';

import { useT } from '@/i18n';
import type { InputProps, Inputs } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';
import { text } from './text';

function Input(props: InputProps) {
  const t = useT();
  return <TextInput {...frameProps(props)} readOnly variant="filled" value={asText(props.value)} placeholder={t('fields.automatic')} />;
}

export const auto: Inputs = { ...text, Input };
