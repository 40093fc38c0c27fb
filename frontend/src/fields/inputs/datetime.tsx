import { Input as Wrapper, TextInput } from '@mantine/core';
import { useState } from 'react';

import { useT } from '@/i18n';
import { dayOf } from '@/ui/formatting';
import { clockOf, instantOf, isInstant, readDay, readTime } from '../dates';
import classes from '../fields.module.css';
import type { FilterProps, InputProps, Inputs } from '../types';
import { asText } from '../values';
import { DayInput } from './DayInput';
import { DaysFilter, RangeOr, takesDays } from './filters';
import { frameProps } from './frame';

/** Day and time of a value that is no instant yet: the time is still being typed. */
function unfinished(text: string): { day: string; time: string } | null {
  const match = /^(\d{4}-\d{2}-\d{2})\s*(.*)$/.exec(text);
  return match ? { day: match[1]!, time: match[2]! } : null;
}

/** A day and a time on the user's clock; what cannot be read yet is kept as typed text. */
function Input(props: InputProps) {
  const t = useT();
  const { attribute, value, onChange, variant = 'form' } = props;
  const text = asText(value);
  const clock = isInstant(text) ? clockOf(text) : unfinished(text);
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

export const datetime: Inputs = { Input, Filter };
