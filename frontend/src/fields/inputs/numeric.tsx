import type { FieldAttribute, FormatContext, InputProps, Inputs } from '../types';
import { currencyOf } from '../currency';
import { RangeOr } from './filters';
import { NumericInput } from './NumericInput';

interface Kind {
  kind: 'string' | 'number';
  precision: (attribute: FieldAttribute) => number | null;
  /** Text at the right end of the input, such as a currency. */
  suffix?: (attribute: FieldAttribute, context: FormatContext) => string | null;
}

function numericInputs({ kind, precision, suffix }: Kind): Inputs {
  const Input = (props: InputProps) => (
    <NumericInput {...props} kind={kind} precision={precision(props.attribute)} suffix={suffix?.(props.attribute, { record: props.record, entity: props.entity })} />
  );
  return { Input, Filter: (props) => <RangeOr {...props} Input={Input} /> };
}

export const int = numericInputs({ kind: 'number', precision: () => 0 });
export const dec = numericInputs({ kind: 'string', precision: (attribute) => attribute.precision ?? 2 });
export const float = numericInputs({ kind: 'number', precision: () => null });
export const money = numericInputs({ kind: 'string', precision: (attribute) => attribute.precision ?? 2, suffix: currencyOf });
