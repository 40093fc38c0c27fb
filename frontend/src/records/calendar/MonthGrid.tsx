import { useLayoutEffect, useRef, useState } from 'react';

import { useT } from '@/i18n';
import { formatDate, formatting, today } from '@/ui';
import classes from './calendar.module.css';
import { EventChip } from './EventChip';
import { bars } from './layout';
import { daysBetween, instantAt, movedByDays, type CalendarEvent } from './time';
import { usePointerDrag } from './usePointerDrag';

export interface GridProps {
  days: string[];
  /** The month or day in view. */
  date: string;
  events: CalendarEvent[];
  showOwner: boolean;
  canEdit: (event: CalendarEvent) => boolean;
  onOpen: (event: CalendarEvent) => void;
  onMove: (before: CalendarEvent, after: CalendarEvent) => void;
  onCreate: (start: string, end: string, allDay: boolean, at: { x: number; y: number }) => void;
  onDay: (day: string) => void;
}

const LANE_PX = 24;
const HEAD_PX = 28;

function dayUnder(x: number, y: number): string | null {
  return document.elementsFromPoint(x, y).map((element) => (element as HTMLElement).dataset.day).find(Boolean) ?? null;
}

export function weekdayName(day: string, style: 'short' | 'long' = 'short'): string {
  return new Intl.DateTimeFormat(formatting().locale, { weekday: style, timeZone: 'UTC' }).format(Date.parse(`${day}T00:00:00Z`));
}

export function MonthGrid({ days, date, events, showOwner, canEdit, onOpen, onMove, onCreate, onDay }: GridProps) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [weekHeight, setWeekHeight] = useState(120);
  const weeks = Array.from({ length: days.length / 7 }, (_, index) => days.slice(index * 7, index * 7 + 7));
  const now = today();
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWeekHeight(Math.max(96, element.clientHeight / weeks.length));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [weeks.length]);
  const { drag, start } = usePointerDrag<{ event: CalendarEvent; day: string }>(({ subject, to, moved }) => {
    if (!moved) return;
    const day = dayUnder(to.x, to.y);
    const shift = day ? daysBetween(subject.day, day) : 0;
    if (shift) onMove(subject.event, movedByDays(subject.event, shift));
  });
  const over = drag ? dayUnder(drag.to.x, drag.to.y) : null;
  const lanes = Math.max(1, Math.floor((weekHeight - HEAD_PX - LANE_PX) / LANE_PX));

  return (
    <div className={classes.month}>
      <div className={classes.monthHead} aria-hidden>
        {days.slice(0, 7).map((day) => (
          <div key={day}>{weekdayName(day)}</div>
        ))}
      </div>
      <div className={classes.weeks} ref={box} role="grid" aria-label={t('calendar.month')}>
        {weeks.map((week) => {
          const found = bars(events, week, true);
          return (
            <div key={week[0]} className={classes.week} role="row">
              {week.map((day, index) => {
                const hidden = found.filter((bar) => bar.lane >= lanes && bar.from <= index && bar.to >= index).length;
                return (
                  <div
                    key={day}
                    role="gridcell"
                    className={classes.day}
                    data-day={day}
                    data-other={day.slice(0, 7) !== date.slice(0, 7) || undefined}
                    data-today={day === now || undefined}
                    data-over={over === day || undefined}
                    aria-label={formatDate(day)}
                    onClick={(event) => {
                      if (event.target === event.currentTarget) onCreate(instantAt(day, 9 * 60), instantAt(day, 10 * 60), false, { x: event.clientX, y: event.clientY });
                    }}
                  >
                    <button type="button" className={classes.dayNumber} aria-label={t('calendar.openDay', { day: formatDate(day) })} onClick={() => onDay(day)}>
                      {Number(day.slice(8))}
                    </button>
                    {hidden > 0 && (
                      <button type="button" className={classes.moreEvents} onClick={() => onDay(day)}>
                        {t('calendar.more', { count: hidden })}
                      </button>
                    )}
                  </div>
                );
              })}
              {found
                .filter((bar) => bar.lane < lanes)
                .map((bar) => (
                  <EventChip
                    key={bar.event.key}
                    event={bar.event}
                    showOwner={showOwner}
                    bar={bar.from !== bar.to || bar.event.allDay}
                    ghost={drag?.subject.event.key === bar.event.key}
                    onOpen={onOpen}
                    onPointerDown={canEdit(bar.event) ? (press) => start(press, { event: bar.event, day: dayUnder(press.clientX, press.clientY) ?? week[bar.from]! }) : undefined}
                    style={{
                      position: 'absolute', top: HEAD_PX + bar.lane * LANE_PX, height: LANE_PX - 3,
                      left: `calc(${(bar.from / 7) * 100}% + ${bar.cutStart ? 0 : 3}px)`, width: `calc(${((bar.to - bar.from + 1) / 7) * 100}% - ${(bar.cutStart ? 0 : 3) + (bar.cutEnd ? 0 : 4)}px)`,
                    }}
                  />
                ))}
            </div>
          );
        })}
      </div>
      {drag && (
        <div className={classes.dragLabel} style={{ left: drag.to.x + 12, top: drag.to.y + 12 }} aria-hidden>
          {drag.subject.event.title}
          {over && ` · ${formatDate(over)}`}
        </div>
      )}
    </div>
  );
}
