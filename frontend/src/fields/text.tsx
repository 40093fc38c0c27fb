import { TextInput } from '@mantine/core';

import { t, useT } from '@/i18n';
import { EmptyMark, frameProps, Line } from './frame';
import classes from './fields.module.css';
import { ListOr } from './filters';
import { asText, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldType, InputProps } from './types';

const EMAIL = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]{2,}$/;
const PHONE = /^\+?[\d\s()./-]{3,}(\s*(x|ext\.?)\s*\d+)?$/i;
const INPUT_TYPE: Record<string, string> = { email: 'email', phone: 'tel', url: 'url' };

/** An address people can open, or null when it is no http(s) address: never `javascript:`. */
export function safeUrl(text: string): string | null {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/:]+:\d/.test(text) ? text : `https://${text}`);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

/** The link behind a text by its format: mail, phone or web page. */
function linkOf(value: string, format: string | null | undefined): { href: string; external: boolean } | null {
  if (format === 'email' && EMAIL.test(value)) return { href: `mailto:${value}`, external: false };
  if (format === 'phone') return { href: `tel:${value.replace(/[^\d+]/g, '')}`, external: false };
  if (format === 'url') {
    const href = safeUrl(value);
    return href ? { href, external: true } : null;
  }
  return null;
}

function Linked({ attribute, value, line }: DisplayProps & { line?: boolean }) {
  const t = useT();
  const text = asText(value);
  if (!text) return line ? null : <EmptyMark />;
  const link = linkOf(text, attribute.format);
  const shown = attribute.format === 'url' ? text.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '') : text;
  if (!link) return line ? <Line>{text}</Line> : <span style={{ overflowWrap: 'anywhere' }}>{text}</span>;
  const title = attribute.format === 'email' ? t('fields.writeTo', { address: text }) : attribute.format === 'phone' ? t('fields.call', { number: text }) : t('fields.openLink', { url: text });
  return (
    <a
      className={`${classes.link} ${line ? classes.line : ''}`}
      href={link.href}
      title={title}
      {...(link.external ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
      onClick={(event) => event.stopPropagation()}
    >
      {shown}
    </a>
  );
}

function Input(props: InputProps) {
  const { attribute, value, onChange } = props;
  return (
    <TextInput
      {...frameProps(props)}
      type={INPUT_TYPE[attribute.format ?? ''] ?? 'text'}
      // The browser's own bubbles would cover our messages.
      inputMode={attribute.format === 'phone' ? 'tel' : attribute.format === 'email' ? 'email' : attribute.format === 'url' ? 'url' : undefined}
      autoComplete="off"
      maxLength={attribute.max_length ?? undefined}
      value={asText(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function validate(value: unknown, attribute: FieldAttribute): string | null {
  const text = asText(value).trim();
  if (!text) return null;
  if (attribute.max_length && text.length > attribute.max_length) return t('fields.tooLong', { max: attribute.max_length });
  if (attribute.format === 'email' && !EMAIL.test(text)) return t('fields.invalidEmail');
  if (attribute.format === 'phone' && !PHONE.test(text)) return t('fields.invalidPhone');
  if (attribute.format === 'url' && !safeUrl(text)) return t('fields.invalidUrl');
  return null;
}

export const text: FieldType = {
  Display: Linked,
  Cell: (props) => <Linked {...props} line />,
  Input,
  Filter: (props) => <ListOr {...props} Input={Input} />,
  parse: (raw, attribute) => {
    const value = raw.trim() || null;
    const message = validate(value, attribute);
    return message ? { ok: false, message } : { ok: true, value };
  },
  format: asText,
  compare: compareWith(asText, compareTexts),
  validate,
  width: 180,
};
