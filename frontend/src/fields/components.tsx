import { IconLock } from '@tabler/icons-react';
import { createElement } from 'react';

import { t, useT } from '@/i18n';
import classes from './fields.module.css';
import { LazyFilter, LazyInput } from './lazyInputs';
import { fieldOf } from './registry';
import { isEmpty } from './values';
import type { DisplayProps, FieldAttribute, FilterProps, InputProps } from './types';

/** True when the user may not read this attribute of this record. */
export const isMasked = (props: Pick<DisplayProps, 'attribute' | 'record'>): boolean => props.record?.masked?.includes(props.attribute.name) ?? false;

function Masked() {
  const t = useT();
  return (
    <span className={classes.masked} title={t('fields.masked')}>
      <IconLock size={16} stroke={1.75} aria-hidden />
      <span className="k-truncate">{t('fields.hidden')}</span>
    </span>
  );
}

/** A value on a page or card. */
export function FieldDisplay(props: DisplayProps) {
  return isMasked(props) ? <Masked /> : createElement(fieldOf(props.attribute).Display, props);
}

/** A number that is asked for when the record is opened, and must not look like none. */
function CountedWhenOpened() {
  const t = useT();
  return (
    <span className={classes.masked} title={t('fields.countedWhenOpened')}>
      <span className="k-truncate">{t('fields.whenOpened')}</span>
    </span>
  );
}

/** A value in a grid cell. */
export function FieldCell(props: DisplayProps) {
  if (props.attribute.counts_members && isEmpty(props.value) && !isMasked(props)) return <CountedWhenOpened />;
  return isMasked(props) ? <Masked /> : createElement(fieldOf(props.attribute).Cell, props);
}

/** An editor for a value; read-only attributes are shown instead. */
export function FieldInput(props: InputProps) {
  return <LazyInput {...props} />;
}

/** The value of a filter condition. */
export function FieldFilter(props: FilterProps) {
  return <LazyFilter {...props} />;
}

/** Plain text of a value. */
export function formatValue(attribute: FieldAttribute, value: unknown, context?: Parameters<ReturnType<typeof fieldOf>['format']>[2]): string {
  return isEmpty(value) && attribute.type !== 'bool' ? '' : fieldOf(attribute).format(value, attribute, context);
}

/** Why a value cannot be saved, in words; null when it can. Includes "required". */
export function validateValue(attribute: FieldAttribute, value: unknown): string | null {
  if (attribute.required && isEmpty(value) && attribute.type !== 'bool' && attribute.type !== 'auto') return t('fields.required', { label: attribute.label });
  return fieldOf(attribute).validate?.(value, attribute) ?? null;
}
