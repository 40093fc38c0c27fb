/** The kinds of events a timeline knows, and their filters. */
import type { Key } from '@/i18n';

/** Icon names of the metadata gallery by kind. */
const ICONS: Record<string, string> = {
  note: 'note', task: 'checkbox', phone_call: 'phone', appointment: 'calendar-event', email: 'mail', letter: 'mail', fax: 'receipt', visit: 'map-pin',
  change: 'pencil', created: 'plus', stage: 'target', opportunity_close: 'trophy',
};

export const kindIcon = (kind: string): string => ICONS[kind] ?? 'bolt';

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
  { key: 'mail', label: 'record.timeline.mail', kinds: ['email', 'letter'] },
  { key: 'meetings', label: 'record.timeline.meetings', kinds: ['appointment', 'visit'] },
  { key: 'tasks', label: 'record.timeline.tasks', kinds: ['task'] },
  { key: 'changes', label: 'record.timeline.changes', kinds: ['change', 'created'] },
];

export const filterOf = (key: string | null | undefined): KindFilter => KIND_FILTERS.find((entry) => entry.key === key) ?? KIND_FILTERS[0]!;
