import { Chip } from '@/ui/Chip';
import { t } from '@/i18n';
import { EmptyMark } from './display';
import classes from './fields.module.css';
import { optionByLabel, optionOf } from './pick';
import { asNumbers, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

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

const labels = (value: unknown, attribute: Parameters<typeof optionOf>[0]) => asNumbers(value).map((entry) => optionOf(attribute, entry)?.label ?? '');

export const multi: FieldBase = {
  Display: Chips,
  Cell: (props) => <Chips {...props} line />,
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
