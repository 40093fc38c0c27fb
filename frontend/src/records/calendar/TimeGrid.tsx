import { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { clockOf } from '@/fields';
import { useT } from '@/i18n';
import { formatDate, formatTime, today } from '@/ui';
import classes from './calendar.module.css';
import { EventChip } from './EventChip';
import { bars, placedEvents } from './layout';
import { weekdayName, type GridProps } from './MonthGrid';
import { DAY_MINUTES, daysBetween, instantAt, isBar, movedByDays, movedEvent, resizedEvent, snapped, SNAP_MINUTES, spanOf, weekday, type CalendarEvent } from './time';
import { usePointerDrag } from './usePointerDrag';

const HOUR_PX = 48;
const LANE_PX = 24;
/** Below this height an event has room for one line only. */
const TWO_LINES_PX = 40;
const FIRST_SEEN_HOUR = 6.75;
const WORK = { from: 8, to: 18 };
const NOW_EVERY_MS = 60_000;

type Subject =
  | { kind: 'move'; event: CalendarEvent; grab: number }
  | { kind: 'resize'; event: CalendarEvent }
  | { kind: 'bar'; event: CalendarEvent; day: string }
  | { kind: 'new'; day: string; minute: number };

/** The minutes of now, renewed every minute. */
function useNow(): { day: string; minute: number } {
  const [at, setAt] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setAt(Date.now()), NOW_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { day, time } = clockOf(new Date(at).toISOString());
  return { day, minute: Number(time.slice(0, 2)) * 60 + Number(time.slice(3)) };
}

/** Hours downwards, days side by side; used for the week and for one day. */
export function TimeGrid({ days, events, showOwner, canEdit, onOpen, onMove, onCreate, onDay }: GridProps) {
  const t = useT();
  const scroll = useRef<HTMLDivElement>(null);
  const [body, setBody] = useState<HTMLDivElement | null>(null);
  const now = useNow();
  useLayoutEffect(() => {
    if (scroll.current) scroll.current.scrollTop = FIRST_SEEN_HOUR * HOUR_PX;
  }, []);

  const placeAt = (x: number, y: number): { day: string; minute: number } => {
    const { left, width, top } = body!.getBoundingClientRect();
    const index = Math.max(0, Math.min(days.length - 1, Math.floor(((x - left) / width) * days.length)));
    return { day: days[index]!, minute: Math.max(0, Math.min(DAY_MINUTES, ((y - top) / HOUR_PX) * 60)) };
  };
  const result = (subject: Subject, x: number, y: number): CalendarEvent | null => {
    const at = placeAt(x, y);
    if (subject.kind === 'move') return movedEvent(subject.event, at.day, at.minute - subject.grab);
    if (subject.kind === 'resize') return resizedEvent(subject.event, at.minute);
    if (subject.kind === 'bar') return movedByDays(subject.event, daysBetween(subject.day, at.day));
    return null;
  };
  const range = (subject: Extract<Subject, { kind: 'new' }>, y: number) => {
    const to = snapped(placeAt(0, y).minute);
    const from = snapped(subject.minute);
    return { from: Math.min(from, to), to: Math.max(from + SNAP_MINUTES, to) };
  };
  const { drag, start } = usePointerDrag<Subject>(({ subject, from, to, moved }) => {
    if (subject.kind === 'new') {
      const { from: first, to: last } = moved ? range(subject, to.y) : { from: Math.floor(subject.minute / 30) * 30, to: Math.floor(subject.minute / 30) * 30 + 60 };
      onCreate(instantAt(subject.day, first), instantAt(subject.day, last), false, from);
      return;
    }
    if (!moved) return;
    const after = result(subject, to.x, to.y);
    if (after && (after.start !== subject.event.start || after.end !== subject.event.end)) onMove(subject.event, after);
  });
  const preview = drag && drag.subject.kind !== 'new' ? result(drag.subject, drag.to.x, drag.to.y) : null;
  const shown = preview && drag ? events.map((event) => (event.key === preview.key ? preview : event)) : events;
  const top = bars(shown, days, false);
  const lanes = Math.max(0, ...top.map((bar) => bar.lane + 1));
  const hours = Array.from({ length: 24 }, (_, hour) => hour);

  return (
    <div className={classes.time} ref={scroll}>
      <div className={classes.timeHead}>
        <div className={classes.gutter} />
        <div className={classes.timeDays} style={{ gridTemplateColumns: `repeat(${days.length}, minmax(0, 1fr))` }}>
          {days.map((day) => (
            <button key={day} type="button" className={classes.timeDay} data-today={day === today() || undefined} onClick={() => onDay(day)} title={formatDate(day)}>
              <span>{weekdayName(day)}</span> <span className={classes.timeDate}>{Number(day.slice(8))}</span>
            </button>
          ))}
        </div>
        {lanes > 0 && (
          <>
            <div className={classes.gutterLabel}>{t('calendar.allDay')}</div>
            <div className={classes.allDay} style={{ height: lanes * LANE_PX + 6 }}>
              {top.map((bar) => (
                <EventChip
                  key={bar.event.key}
                  event={bar.event}
                  showOwner={showOwner}
                  bar
                  onOpen={onOpen}
                  onPointerDown={canEdit(bar.event) ? (press) => start(press, { kind: 'bar', event: bar.event, day: placeAt(press.clientX, press.clientY).day }) : undefined}
                  style={{ position: 'absolute', top: 3 + bar.lane * LANE_PX, height: LANE_PX - 3, left: `calc(${(bar.from / days.length) * 100}% + 2px)`, width: `calc(${((bar.to - bar.from + 1) / days.length) * 100}% - 4px)` }}
                />
              ))}
            </div>
          </>
        )}
      </div>
      <div className={classes.timeBody} style={{ height: 24 * HOUR_PX }}>
        <div className={classes.gutter} aria-hidden>
          {hours.slice(1).map((hour) => (
            <span key={hour} style={{ top: hour * HOUR_PX }}>
              {formatTime(instantAt(days[0]!, hour * 60))}
            </span>
          ))}
        </div>
        <div className={classes.timeDays} ref={setBody} style={{ gridTemplateColumns: `repeat(${days.length}, minmax(0, 1fr))` }}>
          {days.map((day) => (
            <div
              key={day}
              className={classes.timeColumn}
              data-today={day === now.day || undefined}
              data-off={weekday(day) > 5 || undefined}
              style={{ '--from': `${WORK.from * HOUR_PX}px`, '--to': `${WORK.to * HOUR_PX}px`, '--hour': `${HOUR_PX}px` } as React.CSSProperties}
              aria-label={formatDate(day)}
              role="group"
              onPointerDown={(press) => {
                if (press.target === press.currentTarget) start(press, { kind: 'new', day, minute: placeAt(press.clientX, press.clientY).minute });
              }}
              onClick={(event) => {
                // A finger taps instead of dragging.
                if (event.target !== event.currentTarget || (event.nativeEvent as globalThis.PointerEvent).pointerType !== 'touch') return;
                const minute = Math.floor(placeAt(event.clientX, event.clientY).minute / 30) * 30;
                onCreate(instantAt(day, minute), instantAt(day, minute + 60), false, { x: event.clientX, y: event.clientY });
              }}
            >
              {placedEvents(shown, day).map((placed) => (
                <EventChip
                  key={placed.event.key}
                  event={placed.event}
                  showOwner={showOwner}
                  tall
                  low={((placed.bottom - placed.top) / 60) * HOUR_PX < TWO_LINES_PX}
                  ghost={preview?.key === placed.event.key}
                  onOpen={onOpen}
                  onPointerDown={canEdit(placed.event) ? (press) => start(press, { kind: 'move', event: placed.event, grab: placeAt(press.clientX, press.clientY).minute - spanOf(placed.event).startMinute }) : undefined}
                  style={{
                    position: 'absolute', top: (placed.top / 60) * HOUR_PX + 1, height: ((placed.bottom - placed.top) / 60) * HOUR_PX - 2,
                    left: `calc(${(placed.column / placed.columns) * 100}% + 2px)`, width: `calc(${100 / placed.columns}% - 6px)`,
                  }}
                >
                  {canEdit(placed.event) && !isBar(placed.event) && (
                    <span
                      className={classes.resize}
                      aria-hidden
                      onPointerDown={(press) => {
                        press.stopPropagation();
                        start(press, { kind: 'resize', event: placed.event });
                      }}
                    />
                  )}
                </EventChip>
              ))}
              {drag?.subject.kind === 'new' && drag.subject.day === day && (
                <div className={classes.newRange} style={{ top: (range(drag.subject, drag.to.y).from / 60) * HOUR_PX, height: ((range(drag.subject, drag.to.y).to - range(drag.subject, drag.to.y).from) / 60) * HOUR_PX }}>
                  {formatTime(instantAt(day, range(drag.subject, drag.to.y).from))} – {formatTime(instantAt(day, range(drag.subject, drag.to.y).to))}
                </div>
              )}
              {day === now.day && <div className={classes.now} style={{ top: (now.minute / 60) * HOUR_PX }} aria-hidden />}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
