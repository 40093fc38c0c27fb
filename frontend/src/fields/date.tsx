import { t } from '@/i18n';
import { formatDate } from '@/ui/formatting';
import { datePattern, readDay } from './dates';
import { DayInput } from './DayInput';
import { DaysFilter, RangeOr, takesDays } from './filters';
import { EmptyMark, frameProps, Line } from './frame';
import { asText, compareWith } from './values';
import type { FieldType, InputProps } from './types';

const Input = (props: InputProps) => <DayInput frame={frameProps(props)} value={asText(props.value)} onChange={props.onChange} />;

const validate = (value: unknown) => (!value || /^\d{4}-\d{2}-\d{2}/.test(asText(value)) ? null : t('fields.invalidDate', { pattern: datePattern() }));

/** Calendar days; no zone is involved. */
export const date: FieldType = {
  Display: ({ value }) => (value ? <span className="k-num">{formatDate(asText(value))}</span> : <EmptyMark />),
  Cell: ({ value }) => (value ? <Line>{formatDate(asText(value))}</Line> : null),
  Input,
  Filter: (props) => (takesDays(props.operator) ? <DaysFilter {...props} /> : <RangeOr {...props} Input={Input} />),
  parse: (text) => {
    if (!text.trim()) return { ok: true, value: null };
    const value = readDay(text);
    return value ? { ok: true, value } : { ok: false, message: t('fields.invalidDate', { pattern: datePattern() }) };
  },
  format: (value) => formatDate(asText(value)),
  compare: compareWith(asText, (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  validate,
  width: 120,
};
