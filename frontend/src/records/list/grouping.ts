/** Grouping a list: which attributes can group, and the answer of the server as group headers. */
import type { AggregateAnswer, AggregateQuery, Filter } from '@/api';
import { t } from '@/i18n';
import { attributeOf, type Attribute, type Entity } from '@/metadata';
import { formatMonth } from '@/ui';
import { both } from '../filter/tree';
import type { GroupInfo } from './items';

/** What `POST /{objects}/aggregate` groups by, without texts and numbers, whose groups would be as many as rows. */
const GROUPING = new Set(['pick', 'bool', 'state', 'status_reason', 'lookup', 'customer', 'owner', 'date', 'datetime']);
export const MAX_GROUPS = 200;

export const canGroup = (attribute: Attribute): boolean => GROUPING.has(attribute.type) && attribute.filterable;

function reasonColor(entity: Entity, key: string | null) {
  const state = entity.states.find((one) => one.reasons.some((reason) => String(reason.value) === key));
  return state?.reasons.find((reason) => String(reason.value) === key)?.color ?? state?.color ?? null;
}

/** What to ask: one count per group and the sums of the footer. */
export function groupQuery(entity: Entity, groupBy: string, filter: Filter | null, q: string, sums: string[]): AggregateQuery {
  const type = attributeOf(entity, groupBy)?.type;
  return {
    filter: filter ?? undefined,
    q: q || undefined,
    group: [type === 'date' || type === 'datetime' ? { attribute: groupBy, by: 'month' } : { attribute: groupBy }],
    measures: [{ fn: 'count' }, ...sums.map((attribute) => ({ fn: 'sum' as const, attribute }))],
    limit: MAX_GROUPS,
  };
}

/** The colour of an option or state, so that a header looks like the chip in the cells. */
function colorOf(entity: Entity, attribute: Attribute | undefined, key: string | null): string | null {
  if (!attribute || key === null) return null;
  if (attribute.type === 'state') return entity.states.find((state) => state.value === key)?.color ?? null;
  if (attribute.type === 'status_reason') return reasonColor(entity, key);
  return attribute.options.find((option) => String(option.value) === key)?.color ?? null;
}

/** Yes and no, and months, as this user reads them; everything else as the server names it. */
function labelOf(attribute: Attribute | undefined, key: string, label: string | undefined): string {
  if (attribute?.type === 'bool') return t(key.toLowerCase() === 'true' ? 'fields.yes' : 'fields.no');
  if (attribute?.type === 'date' || attribute?.type === 'datetime') return formatMonth(key);
  return label ?? key;
}

/** Rank of a group: options in their own order, states likewise, others as the server gave them, no value last. */
function rankOf(entity: Entity, attribute: Attribute | undefined, key: string | null, index: number): number {
  if (key === null) return Number.MAX_SAFE_INTEGER;
  if (attribute?.type === 'state') return entity.states.findIndex((state) => state.value === key);
  const at = attribute?.options.findIndex((option) => String(option.value) === key) ?? -1;
  return at >= 0 ? at : 10_000 + index;
}

export interface Group extends GroupInfo {
  filter: Filter | null;
}

/**
 * Group headers from an aggregate.
 *
 * @param filter the filter of the whole list; a group's own filter is added to it
 * @param noValue what to call records without a value
 */
export function groupsOf(entity: Entity, groupBy: string, answer: AggregateAnswer, filter: Filter | null, noValue: string): Group[] {
  const attribute = attributeOf(entity, groupBy);
  return answer.groups
    .map((group, index) => {
      const key = group.keys[0] ?? null;
      const [count, ...sums] = group.values;
      const own: Filter = group.filter ?? (key === null ? { attribute: groupBy, operator: 'empty' } : { attribute: groupBy, operator: 'eq', value: key });
      const entry: Group = {
        key: key ?? '', label: key === null ? noValue : labelOf(attribute, key, group.labels[0]), color: colorOf(entity, attribute, key), count: Number(count ?? 0), sums,
        filter: both(filter, own),
      };
      return { entry, rank: rankOf(entity, attribute, key, index) };
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}
