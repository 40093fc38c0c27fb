/** The calendar over one or several objects: month, week, day, agenda; whose events; moving, resizing, creating. */
import { ActionIcon, Button, Checkbox, Menu, SegmentedControl } from '@mantine/core';
import { IconChevronDown, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useMemo, useState, type RefObject } from 'react';

import type { Filter } from '@/api';
import { useT } from '@/i18n';
import { useObjects, type Entity } from '@/metadata';
import { Delayed, ErrorState, formatDate, formatting, ObjectIcon, SkeletonRows, today, useIsPhone, useShortcut } from '@/ui';
import type { Search, SetSearch } from '../list/state';
import { Agenda } from './Agenda';
import classes from './calendar.module.css';
import { slotValues, WHO, type Who } from './events';
import { MonthGrid } from './MonthGrid';
import { TimeGrid } from './TimeGrid';
import { daysOf, MODES, stepped, type CalendarEvent, type Mode } from './time';
import { useEvents } from './useEvents';

const QuickCreateDialog = lazy(() => import('../form/QuickCreateDialog').then((module) => ({ default: module.QuickCreateDialog })));

export interface CalendarViewProps {
  /** Objects with a calendar, the one a click creates first. */
  entities: Entity[];
  filter: Filter | null;
  q: string;
  /** Whose events are shown while the address says nothing: mine in the calendar of all activities, all in a view, whose filter says it. */
  whose?: Who;
  search: Search;
  setSearch: SetSearch;
  onOpen: (object: string, id: string) => void;
  refreshRef?: RefObject<() => void>;
}

interface Slot {
  start: string;
  end: string;
  allDay: boolean;
  at: { x: number; y: number };
}

const isMode = (value: unknown): value is Mode => MODES.includes(value as Mode);
const isWho = (value: unknown): value is Who => WHO.includes(value as Who);
const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));

function title(mode: Mode, days: string[], date: string): string {
  if (mode === 'month') return new Intl.DateTimeFormat(formatting().locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));
  if (mode === 'day') return new Intl.DateTimeFormat(formatting().locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));
  return `${formatDate(days[0])} – ${formatDate(days.at(-1))}`;
}

export function CalendarView({ entities, filter, q, whose = 'me', search, setSearch, onOpen, refreshRef }: CalendarViewProps) {
  const t = useT();
  const phone = useIsPhone();
  const objects = useObjects();
  const mode: Mode = isMode(search.mode) ? search.mode : phone ? 'agenda' : 'week';
  const date = isDay(search.date) ? search.date : today();
  const who: Who = isWho(search.who) ? search.who : whose;
  const hidden = useMemo(() => (typeof search.hide === 'string' ? search.hide.split(',') : []), [search.hide]);
  const days = useMemo(() => daysOf(mode, date), [mode, date]);
  const visible = useMemo(() => entities.filter((entity) => !hidden.includes(entity.name)), [entities, hidden]);
  const { events, save, more, pending, stale, error, refresh: reload } = useEvents(visible, filter, q, who, days[0]!, days.at(-1)!);
  const [slot, setSlot] = useState<Slot | null>(null);
  const [creating, setCreating] = useState<{ object: string; defaults: Record<string, unknown> } | null>(null);
  const may = (object: string, right: 'create' | 'write') => objects.find((entry) => entry.name === object)?.privileges[right] === true;
  const creatable = visible.filter((entity) => may(entity.name, 'create') && entity.features.includes('quick_create'));
  useEffect(() => {
    if (refreshRef) refreshRef.current = reload;
  });

  const go = (day: string, nextMode: Mode = mode) => setSearch({ date: day === today() ? null : day, mode: nextMode }, { replace: true });
  useShortcut('t', () => go(today()), { label: t('calendar.keyToday'), group: t('calendar.title') });
  useShortcut('arrowleft', () => go(stepped(mode, date, -1)), { label: t('calendar.previous'), group: t('calendar.title') });
  useShortcut('arrowright', () => go(stepped(mode, date, 1)), { label: t('calendar.next'), group: t('calendar.title') });

  const open = (event: CalendarEvent) => onOpen(event.object, event.id);
  const begin = (entity: Entity, at: Slot) => setCreating({ object: entity.name, defaults: slotValues(entity, at.start, at.end, at.allDay) });
  const create = (start: string, end: string, allDay: boolean, at: { x: number; y: number }) => {
    const next = { start, end, allDay, at };
    if (creatable.length === 1) begin(creatable[0]!, next);
    else if (creatable.length) setSlot(next);
  };
  const grid = {
    days, date, events, showOwner: who !== 'me', onOpen: open, onCreate: create,
    canEdit: (event: CalendarEvent) => !event.closed && may(event.object, 'write'),
    onMove: (before: CalendarEvent, after: CalendarEvent) => void save(before, after),
    onDay: (day: string) => go(day, 'day'),
  };

  return (
    <div className={classes.calendar}>
      <div className={classes.bar}>
        <Button size="xs" variant="default" onClick={() => go(today())}>
          {t('calendar.today')}
        </Button>
        <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('calendar.previous')} onClick={() => go(stepped(mode, date, -1))}>
          <IconChevronLeft size={18} stroke={1.75} />
        </ActionIcon>
        <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('calendar.next')} onClick={() => go(stepped(mode, date, 1))}>
          <IconChevronRight size={18} stroke={1.75} />
        </ActionIcon>
        <h2 className={classes.period} aria-live="polite">
          {title(mode, days, date)}
        </h2>
        <span className={classes.spacer} />
        {entities.length > 1 && (
          <Menu position="bottom-end" closeOnItemClick={false}>
            <Menu.Target>
              <Button size="xs" variant="subtle" color="gray" rightSection={<IconChevronDown size={16} stroke={1.75} />}>
                {t('calendar.kinds')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {entities.map((entity) => {
                const shown = !hidden.includes(entity.name);
                return (
                  <Menu.Item
                    key={entity.name}
                    role="menuitemcheckbox"
                    aria-checked={shown}
                    leftSection={<Checkbox size="xs" checked={shown} readOnly tabIndex={-1} aria-hidden />}
                    rightSection={<ObjectIcon name={entity.icon} color={entity.color} />}
                    onClick={() => setSearch({ hide: (shown ? [...hidden, entity.name] : hidden.filter((name) => name !== entity.name)).join(',') || null }, { replace: true })}
                  >
                    {entity.label_plural}
                  </Menu.Item>
                );
              })}
            </Menu.Dropdown>
          </Menu>
        )}
        <SegmentedControl size="xs" aria-label={t('calendar.who')} value={who} onChange={(value) => setSearch({ who: value === whose ? null : value }, { replace: true })} data={WHO.map((value) => ({ value, label: t(`calendar.who.${value}`) }))} />
        <SegmentedControl size="xs" aria-label={t('calendar.mode')} value={mode} onChange={(value) => setSearch({ mode: value })} data={MODES.map((value) => ({ value, label: t(`calendar.${value}`) }))} />
      </div>
      {more && (
        <p className={classes.notice} role="status">
          {t('calendar.tooMany')}
        </p>
      )}
      <div className={classes.content} data-stale={stale || undefined} aria-busy={pending || stale}>
        {error ? (
          <ErrorState error={error} onRetry={reload} />
        ) : pending && mode === 'agenda' ? (
          <SkeletonRows />
        ) : mode === 'month' ? (
          <MonthGrid {...grid} />
        ) : mode === 'agenda' ? (
          <Agenda days={days} events={events} showOwner={who !== 'me'} onOpen={open} onNext={() => go(stepped(mode, date, 1))} />
        ) : (
          <TimeGrid key={mode} {...grid} />
        )}
        {pending && mode !== 'agenda' && (
          <Delayed>
            <span className="k-visually-hidden" role="status">
              {t('ui.loading')}
            </span>
          </Delayed>
        )}
      </div>
      {slot && (
        <Menu opened onChange={(next) => !next && setSlot(null)} position="bottom-start">
          <Menu.Target>
            <span style={{ position: 'fixed', left: slot.at.x, top: slot.at.y, width: 1, height: 1 }} />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('calendar.create')}</Menu.Label>
            {creatable.map((entity) => (
              <Menu.Item
                key={entity.name}
                leftSection={<ObjectIcon name={entity.icon} color={entity.color} />}
                onClick={() => {
                  begin(entity, slot);
                  setSlot(null);
                }}
              >
                {entity.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {creating && (
        <Suspense fallback={null}>
          <QuickCreateDialog object={creating.object} defaults={creating.defaults} onClose={() => setCreating(null)} onCreated={reload} />
        </Suspense>
      )}
    </div>
  );
}
