/** Makes the field of a numeric type from its few differences. */
import { formatNumber } from '@/ui/formatting';
import { RangeOr } from './filters';
import { EmptyMark, Line } from './frame';
import { NumericInput, parseNumeric, validateNumber } from './NumericInput';
import { asText, compareDecimals, compareWith } from './values';
import type { FieldAttribute, FieldType, FormatContext, InputProps } from './types';

export interface NumericKind {
  kind: 'string' | 'number';
  /** Decimals of an attribute; null for any. */
  precision: (attribute: FieldAttribute) => number | null;
  format?: (value: unknown, attribute: FieldAttribute, context?: FormatContext) => string;
  /** Text at the right end of the input, such as a currency. */
  suffix?: (attribute: FieldAttribute, context: FormatContext) => string | null;
  width?: number;
}

export function numericField({ kind, precision, format, suffix, width = 120 }: NumericKind): FieldType {
  const write = format ?? ((value: unknown, attribute: FieldAttribute) => formatNumber(asText(value) || null, kind === 'string' ? precision(attribute) : null));
  const Input = (props: InputProps) => (
    <NumericInput {...props} kind={kind} precision={precision(props.attribute)} suffix={suffix?.(props.attribute, { record: props.record, entity: props.entity })} />
  );
  return {
    Display: ({ value, attribute, record, entity }) => {
      const text = write(value, attribute, { record, entity });
      return text ? <span className="k-num">{text}</span> : <EmptyMark />;
    },
    Cell: ({ value, attribute, record, entity }) => {
      const text = write(value, attribute, { record, entity });
      return text ? <Line right>{text}</Line> : null;
    },
    Input,
    Filter: (props) => <RangeOr {...props} Input={Input} />,
    parse: (text, attribute) => parseNumeric(text, attribute, kind, precision(attribute)),
    format: write,
    compare: compareWith(asText, compareDecimals),
    validate: (value, attribute) => validateNumber(value, attribute, precision(attribute)),
    align: 'right',
    width,
  };
}
