import { lazy, Suspense } from 'react';

import { t } from '@/i18n';
import { EmptyMark, Line } from './display';
import classes from './fields.module.css';
import { asText, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldBase } from './types';

const RichText = lazy(() => import('./RichText'));

export const isRich = (attribute: FieldAttribute): boolean => attribute.format === 'rich' || attribute.format === 'html';

/** Text without its mark-up; scripts never run, the document is not shown. */
export function plainText(html: string): string {
  return new DOMParser().parseFromString(html.replace(/<(br|\/p|\/li|\/div|\/h\d)\b[^>]*>/gi, '$&\n'), 'text/html').body.textContent?.replace(/\n{3,}/g, '\n\n').trim() ?? '';
}

const format = (value: unknown, attribute: FieldAttribute) => (isRich(attribute) ? plainText(asText(value)) : asText(value));

function Display({ attribute, value }: DisplayProps) {
  const text = asText(value);
  if (!text) return <EmptyMark />;
  if (!isRich(attribute)) return <div className={classes.multiline}>{text}</div>;
  return (
    <Suspense fallback={<div className={classes.multiline}>{plainText(text)}</div>}>
      <RichText html={text} />
    </Suspense>
  );
}

const escapeHtml = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Plain text as HTML paragraphs with line breaks. */
export function toParagraphs(text: string): string {
  if (!text) return '';
  return text.split(/\n{2,}/).map((block) => `<p>${escapeHtml(block).replace(/\n/g, '<br>')}</p>`).join('');
}

/** Long text, plain or rich. */
export const memo: FieldBase = {
  Display,
  Cell: ({ attribute, value }) => (value ? <Line>{format(value, attribute).replace(/\s+/g, ' ')}</Line> : null),
  parse: (text) => ({ ok: true, value: text || null }),
  format,
  compare: (a, b, attribute) => compareWith((value) => format(value, attribute), compareTexts)(a, b),
  validate: (value, attribute) => (attribute.max_length && asText(value).length > attribute.max_length ? t('fields.tooLong', { max: attribute.max_length }) : null),
  width: 260,
};
