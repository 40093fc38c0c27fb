/** The kinds of events a timeline knows, and their filters. */
import type { Key } from '@/i18n';
import { IconBolt, IconCalendarEvent, IconCheckbox, IconMail, IconMapPin, IconNote, IconPencil, IconPhone, IconPlus, IconPrinter, IconTrophy, type Icon } from '@tabler/icons-react';

const ICONS: Record<string, Icon> = {
  note: IconNote, task: IconCheckbox, phone_call: IconPhone, appointment: IconCalendarEvent, email: IconMail, letter: IconMail, fax: IconPrinter, visit: IconMapPin,
  change: IconPencil, created: IconPlus, opportunity_close: IconTrophy,
};

/** The sign of a kind of event. */
export const kindIcon = (kind: string): Icon => ICONS[kind] ?? IconBolt;

export interface KindFilter {
  key: string;
  label: Key;
  /** Kinds asked from the API; none means everything. */
  kinds: string[];
}

/** What the stream can be narrowed to. */
export const KIND_FILTERS: KindFilter[] = [
  { key: 'all', label: 'record.timeline.all', kinds: [] },
  { key: 'notes', label: 'record.timeline.notes', kinds: ['note'] },
  { key: 'calls', label: 'record.timeline.calls', kinds: ['phone_call'] },
  { key: 'mail', label: 'record.timeline.mail', kinds: ['email', 'letter', 'fax'] },
  { key: 'meetings', label: 'record.timeline.meetings', kinds: ['appointment', 'visit'] },
  { key: 'tasks', label: 'record.timeline.tasks', kinds: ['task'] },
  { key: 'changes', label: 'record.timeline.changes', kinds: ['change', 'created'] },
];

export const filterOf = (key: string | null | undefined): KindFilter => KIND_FILTERS.find((entry) => entry.key === key) ?? KIND_FILTERS[0]!;
