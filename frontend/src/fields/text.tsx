import { t, useT } from '@/i18n';
import { EmptyMark, Line } from './display';
import classes from './fields.module.css';
import { asText, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldBase } from './types';

const EMAIL = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]{2,}$/;
/** As the server has it: with extensions, notes and all the ways people write numbers. */
const PHONE = /\d/;

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

function validate(value: unknown, attribute: FieldAttribute): string | null {
  const text = asText(value).trim();
  if (!text) return null;
  if (attribute.max_length && text.length > attribute.max_length) return t('fields.tooLong', { max: attribute.max_length });
  if (attribute.format === 'email' && !EMAIL.test(text)) return t('fields.invalidEmail');
  if (attribute.format === 'phone' && !PHONE.test(text)) return t('fields.invalidPhone');
  if (attribute.format === 'url' && !safeUrl(text)) return t('fields.invalidUrl');
  return null;
}

export const text: FieldBase = {
  Display: Linked,
  Cell: (props) => <Linked {...props} line />,
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
