import type { CSSProperties, PointerEvent, ReactNode } from 'react';

import { colorPair, formatTime, initials } from '@/ui';
import classes from './calendar.module.css';
import type { CalendarEvent } from './time';

interface Props {
  event: CalendarEvent;
  /** Several people's events are shown: whose it is. */
  showOwner: boolean;
  style?: CSSProperties;
  /** In the hours: title over time; elsewhere one line. */
  tall?: boolean;
  /** Too low for two lines: title and time share one. */
  low?: boolean;
  bar?: boolean;
  ghost?: boolean;
  onOpen: (event: CalendarEvent) => void;
  onPointerDown?: (event: PointerEvent) => void;
  children?: ReactNode;
}

/** One event. A button, so that it can be reached and opened by keyboard; dragging is an addition. */
export function EventChip({ event, showOwner, style, tall, low, bar, ghost, onOpen, onPointerDown, children }: Props) {
  const pair = colorPair(event.color);
  const time = formatTime(event.start);
  return (
    <button
      type="button"
      className={classes.event}
      data-tall={tall || undefined}
      data-low={low || undefined}
      data-bar={bar || undefined}
      data-ghost={ghost || undefined}
      data-closed={event.closed || undefined}
      style={{ ...style, '--event': pair.color, '--event-soft': pair.background } as CSSProperties}
      title={[event.title, event.allDay ? '' : `${time} – ${formatTime(event.end)}`, event.meta, event.owner].filter(Boolean).join('\n')}
      onPointerDown={(press) => {
        press.stopPropagation();
        onPointerDown?.(press);
      }}
      onClick={() => onOpen(event)}
    >
      {!event.allDay && !tall && <span className={classes.eventTime}>{time}</span>}
      <span className={classes.eventTitle}>{event.title}</span>
      {tall && (
        <span className={classes.eventMeta}>
          {low ? time : `${time} – ${formatTime(event.end)}`}
          {!low && event.meta && ` · ${event.meta}`}
        </span>
      )}
      {showOwner && event.owner && <span className={classes.eventOwner}>{initials(event.owner)}</span>}
      {children}
    </button>
  );
}
