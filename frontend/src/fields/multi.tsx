import { Chip } from '@/ui/Chip';
import { t } from '@/i18n';
import { EmptyMark, frameProps } from './frame';
import classes from './fields.module.css';
import { OptionPicker } from './OptionPicker';
import { choosable, optionByLabel, OptionFilter, optionOf } from './pick';
import { asNumbers, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldType, InputProps } from './types';

function Chips({ attribute, value, line }: DisplayProps & { line?: boolean }) {
  const values = asNumbers(value);
  if (!values.length) return line ? null : <EmptyMark />;
  return (
    <span className={line ? classes.chipsLine : classes.chips}>
      {values.map((entry) => {
        const option = optionOf(attribute, entry);
        return option && <Chip key={entry} label={option.label} color={option.color} />;
      })}
    </span>
  );
}

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

const labels = (value: unknown, attribute: Parameters<typeof optionOf>[0]) => asNumbers(value).map((entry) => optionOf(attribute, entry)?.label ?? '');

export const multi: FieldType = {
  Display: Chips,
  Cell: (props) => <Chips {...props} line />,
  Input,
  Filter: (props) => <OptionFilter {...props} operator="in" />,
  parse: (text, attribute) => {
    const words = text.split(/[,;]/).map((word) => word.trim()).filter(Boolean);
    const values: number[] = [];
    for (const word of words) {
      const option = optionByLabel(attribute, word);
      if (!option) return { ok: false, message: t('fields.unknownOption', { text: word }) };
      values.push(option.value);
    }
    return { ok: true, value: values };
  },
  format: (value, attribute) => labels(value, attribute).join(', '),
  compare: (a, b, attribute) => compareWith((value) => labels(value, attribute).join(', '), compareTexts)(a, b),
  width: 200,
};
