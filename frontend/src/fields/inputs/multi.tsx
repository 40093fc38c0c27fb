import type { InputProps, Inputs } from '../types';
import { asNumbers } from '../values';
import { frameProps } from './frame';
import { OptionPicker } from './OptionPicker';
import { choosable, OptionFilter } from './pick';

function Input(props: InputProps) {
  const { attribute, value, onChange } = props;
  return (
    <OptionPicker
      label={attribute.label}
      multiple
      frame={frameProps(props)}
      options={choosable(attribute, asNumbers(value))}
      selected={asNumbers(value)}
      onChange={onChange}
    />
  );
}

export const multi: Inputs = { Input, Filter: (props) => <OptionFilter {...props} operator="in" /> };
