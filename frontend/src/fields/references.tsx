/** Makes the field of a type whose value is a reference to a record. */
import { t } from '@/i18n';
import { EmptyMark, frameProps } from './frame';
import { LookupPicker } from './LookupPicker';
import { RefLink } from './RefLink';
import { asRef, compareTexts, compareWith } from './values';
import type { FieldAttribute, FieldType, FilterProps, InputProps } from './types';
import { RefListFilter } from './RefListFilter';

export function referenceField(targetsOf: (attribute: FieldAttribute) => string[], width = 180): FieldType {
  const Input = (props: InputProps) => (
    <LookupPicker
      label={props.attribute.label}
      frame={frameProps(props)}
      targets={targetsOf(props.attribute)}
      value={asRef(props.value)}
      onChange={props.onChange}
      clearable={!props.attribute.required}
    />
  );
  return {
    Display: ({ value }) => {
      const ref = asRef(value);
      return ref ? <RefLink value={ref} /> : <EmptyMark />;
    },
    Cell: ({ value }) => {
      const ref = asRef(value);
      return ref && <RefLink value={ref} line />;
    },
    Input,
    Filter: (props: FilterProps) => <RefListFilter {...props} targets={targetsOf(props.attribute)} />,
    parse: (text) => (text.trim() ? { ok: false, message: t('fields.pasteReference') } : { ok: true, value: null }),
    format: (value) => asRef(value)?.name ?? '',
    compare: compareWith((value) => asRef(value)?.name ?? null, compareTexts),
    width,
  };
}
