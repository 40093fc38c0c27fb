/** Makes the field of a numeric type from its few differences. */
import { formatNumber } from '@/ui/formatting';
import { EmptyMark, Line } from './display';
import { parseNumeric, validateNumber } from './numbers';
import type { FieldAttribute, FieldBase, FormatContext } from './types';
import { asText, compareDecimals, compareWith } from './values';

export interface NumericKind {
  /** Kept as decimal strings, or as JSON numbers for integers and floats. */
  kind: 'string' | 'number';
  /** Decimals of an attribute; null for any. */
  precision: (attribute: FieldAttribute) => number | null;
  format?: (value: unknown, attribute: FieldAttribute, context?: FormatContext) => string;
  width?: number;
}

export function numericField({ kind, precision, format, width = 120 }: NumericKind): FieldBase {
  const write = format ?? ((value: unknown, attribute: FieldAttribute) => formatNumber(asText(value) || null, kind === 'string' ? precision(attribute) : null));
  return {
    Display: ({ value, attribute, record, entity }) => {
      const text = write(value, attribute, { record, entity });
      return text ? <span className="k-num">{text}</span> : <EmptyMark />;
    },
    Cell: ({ value, attribute, record, entity }) => {
      const text = write(value, attribute, { record, entity });
      return text ? <Line right>{text}</Line> : null;
    },
    parse: (text, attribute) => parseNumeric(text, attribute, kind, precision(attribute)),
    format: write,
    compare: compareWith(asText, compareDecimals),
    validate: (value, attribute) => validateNumber(value, attribute, precision(attribute)),
    align: 'right',
    width,
  };
}
