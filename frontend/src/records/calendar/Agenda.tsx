import { IconCalendarOff } from '@tabler/icons-react';
import { Button } from '@mantine/core';

import { useT } from '@/i18n';
import { colorPair, EmptyState, formatDate, formatTime, today } from '@/ui';
import classes from './calendar.module.css';
import { weekdayName } from './MonthGrid';
import { spanOf, type CalendarEvent } from './time';

interface Props {
  days: string[];
  events: CalendarEvent[];
  showOwner: boolean;
  onOpen: (event: CalendarEvent) => void;
  onNext: () => void;
}

/** What comes up, day by day. */
export function Agenda({ days, events, showOwner, onOpen, onNext }: Props) {
  const t = useT();
  const now = today();
  const byDay = days.map((day) => ({ day, own: events.filter((event) => { const span = spanOf(event); return span.startDay <= day && span.endDay >= day && (span.startDay === day || day === days[0]); }) })).filter(({ own }) => own.length);
  if (!byDay.length) {
    return (
      <EmptyState
        icon={<IconCalendarOff size={20} stroke={1.75} />}
        title={t('calendar.nothing')}
        body={t('calendar.nothingBody', { from: formatDate(days[0]), to: formatDate(days.at(-1)) })}
        action={
          <Button variant="default" onClick={onNext}>
            {t('calendar.showNext')}
          </Button>
        }
      />
    );
  }
  return (
    <div className={classes.agenda}>
      {byDay.map(({ day, own }) => (
        <section key={day} className={classes.agendaDay} data-today={day === now || undefined}>
          <h3>
            {day === now && <span className={classes.todayMark}>{t('calendar.today')}</span>}
            {weekdayName(day, 'long')}, {formatDate(day)}
          </h3>
          <ul>
            {own.map((event) => (
              <li key={event.key}>
                <button type="button" className={classes.agendaEvent} data-closed={event.closed || undefined} onClick={() => onOpen(event)}>
                  <span className={classes.agendaTime}>{event.allDay ? t('calendar.allDay') : `${formatTime(event.start)} – ${formatTime(event.end)}`}</span>
                  <span className={classes.agendaDot} style={{ background: colorPair(event.color).color }} aria-hidden />
                  <span className={classes.agendaText}>
                    <span className={classes.eventTitle}>{event.title}</span>
                    {(event.meta || (showOwner && event.owner)) && <span className="k-meta k-truncate">{[event.meta, showOwner ? event.owner : ''].filter(Boolean).join(' · ')}</span>}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
