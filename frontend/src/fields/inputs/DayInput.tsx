import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

import { useT } from '@/i18n';
import { firstWeekday } from '@/ui/formatting';
import { Delayed } from '@/ui/states';
import { datePattern, readDay, writeDay } from '../dates';
import type { FrameProps } from './frame';

const DateCalendar = lazy(() => import('./DateCalendar'));

/** First day of the week as the month sheet counts them, Sunday 0. */
const firstDay = () => (firstWeekday() % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6;

export interface DayInputProps {
  frame: FrameProps;
  /** `YYYY-MM-DD`, or what was typed when it cannot be read. */
  value: string;
  onChange: (value: string | null) => void;
}

/** A day: typed in the user's pattern (also `+3` for three days from today) or picked from the month sheet. */
export function DayInput({ frame, value, onChange }: DayInputProps) {
  const t = useT();
  const [draft, setDraft] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);
  const iso = readDay(value);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <Popover.Target>
        <TextInput
          {...frame}
          autoComplete="off"
          placeholder={datePattern()}
          value={draft ?? (iso && /^\d{4}-/.test(value) ? writeDay(iso) : value)}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            setDraft(typed);
            onChange(typed.trim() ? (readDay(typed) ?? typed) : null);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' && event.altKey) {
              event.preventDefault();
              setOpened(true);
            }
          }}
          onBlur={() => {
            setDraft(null);
            if (!opened) frame.onBlur?.();
          }}
          rightSection={
            <ActionIcon variant="subtle" color="gray" size={24} tabIndex={-1} disabled={frame.disabled} aria-label={t('fields.openCalendar')} onMouseDown={(event) => event.preventDefault()} onClick={() => setOpened((now) => !now)}>
              <IconCalendar size={16} stroke={1.75} />
            </ActionIcon>
          }
        />
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Suspense fallback={<Delayed><div style={{ width: 252, height: 260 }} /></Delayed>}>
          <DateCalendar
            value={iso}
            firstDay={firstDay()}
            onPick={(picked) => {
              setDraft(null);
              onChange(picked);
              setOpened(false);
              frame.onBlur?.();
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
