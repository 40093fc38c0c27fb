import { Input as Wrapper, TextInput } from '@mantine/core';
import { useState } from 'react';

import { t, useT } from '@/i18n';
import { dayOf, formatDateTime } from '@/ui/formatting';
import { clockOf, datePattern, instantOf, readDay, readTime } from './dates';
import { DayInput } from './DayInput';
import { DaysFilter, RangeOr, takesDays } from './filters';
import { EmptyMark, frameProps, Line } from './frame';
import classes from './fields.module.css';
import { asText, compareWith } from './values';
import type { FieldType, FilterProps, InputProps } from './types';

const isInstant = (text: string) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text));

/** A day and a time on the user's clock; what cannot be read yet is kept as typed text. */
function Input(props: InputProps) {
  const t = useT();
  const { attribute, value, onChange, variant = 'form' } = props;
  const text = asText(value);
  const clock = isInstant(text) ? clockOf(text) : null;
  // Parts the instant cannot hold: an unreadable day or time.
  const [day, setDay] = useState<string | null>(null);
  const [time, setTime] = useState<string | null>(null);
  const frame = frameProps(props);
  const shownDay = day ?? clock?.day ?? '';
  const shownTime = time ?? clock?.time ?? '';

  const change = (nextDay: string | null, nextTime: string) => {
    if (!nextDay) return onChange(null);
    const clockTime = readTime(nextTime || '9:00');
    onChange(readDay(nextDay) === nextDay && clockTime ? instantOf(nextDay, clockTime) : `${nextDay} ${nextTime}`.trim());
  };

  const bare = { ...frame, label: undefined, description: undefined, error: frame.error ? true : undefined, withAsterisk: undefined };
  const inputs = (
    <div className={classes.pair} style={{ height: variant === 'cell' ? '100%' : undefined }}>
      <DayInput
        frame={{ ...bare, 'aria-label': attribute.label }}
        value={shownDay}
        onChange={(next) => {
          setDay(next && readDay(next) !== next ? next : null);
          change(next, shownTime);
        }}
      />
      <TextInput
        {...bare}
        id={undefined}
        autoFocus={false}
        data-autofocus={undefined}
        style={{ flex: '0 0 84px' }}
        aria-label={t('fields.timeOf', { label: attribute.label })}
        placeholder="09:00"
        autoComplete="off"
        className="k-num"
        value={shownTime}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          setTime(typed);
          change(shownDay || null, typed);
        }}
        onBlur={() => {
          if (readTime(shownTime) || !shownTime) setTime(null);
          frame.onBlur?.();
        }}
      />
    </div>
  );
  if (variant !== 'form') return inputs;
  return (
    <Wrapper.Wrapper label={frame.label} description={frame.description} error={frame.error} withAsterisk={frame.withAsterisk} size="sm" labelElement="div">
      {inputs}
    </Wrapper.Wrapper>
  );
}

/** Conditions on instants are by day; the server counts the day in the user's zone. */
const DayFilter = (props: InputProps) => (
  <DayInput frame={frameProps(props)} value={isInstant(asText(props.value)) ? dayOf(asText(props.value)) : asText(props.value)} onChange={props.onChange} />
);

function Filter(props: FilterProps) {
  return takesDays(props.operator) ? <DaysFilter {...props} /> : <RangeOr {...props} Input={DayFilter} />;
}

export const datetime: FieldType = {
  Display: ({ value }) => (value ? <time className="k-num" dateTime={asText(value)}>{formatDateTime(asText(value))}</time> : <EmptyMark />),
  Cell: ({ value }) => (value ? <Line>{formatDateTime(asText(value))}</Line> : null),
  Input,
  Filter,
  parse: (raw) => {
    if (!raw.trim()) return { ok: true, value: null };
    if (isInstant(raw.trim())) return { ok: true, value: new Date(raw.trim()).toISOString().replace('.000Z', 'Z') };
    const match = /^(.*?)[,\s]+(\d{1,2}[:.]\d{2}(?:\s*[ap]m)?)$/i.exec(raw.trim());
    const day = readDay(match ? match[1]! : raw);
    const time = match ? readTime(match[2]!) : '00:00';
    return day && time ? { ok: true, value: instantOf(day, time) } : { ok: false, message: t('fields.invalidDate', { pattern: `${datePattern()} HH:MM` }) };
  },
  format: (value) => formatDateTime(asText(value)),
  compare: compareWith((value) => Date.parse(asText(value)), (a, b) => a - b),
  validate: (value) => (!value || isInstant(asText(value)) ? null : t('fields.invalidDate', { pattern: `${datePattern()} HH:MM` })),
  width: 170,
};
