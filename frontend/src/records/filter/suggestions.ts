/** Filters that are one click away, made from what the object has: owner, states, its main date. */
import type { Filter } from '@/api';
import type { Translate } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';

export interface Suggestion {
  label: string;
  filter: Filter;
}

const same = (a: Filter, b: Filter) => JSON.stringify(a) === JSON.stringify(b);

/** Suggestions that are not among the present parts. */
export function suggestionsFor(t: Translate, entity: Entity, parts: Filter[]): Suggestion[] {
  const all: Suggestion[] = [];
  const owner = attributeOf(entity, 'owner');
  if (owner?.operators.includes('me')) all.push({ label: t('lists.filter.mine'), filter: { attribute: 'owner', operator: 'me' } });
  if (owner?.operators.includes('my_teams')) all.push({ label: t('lists.filter.myTeams'), filter: { attribute: 'owner', operator: 'my_teams' } });
  const open = entity.states.filter((state) => !state.closed);
  if (open.length && open.length < entity.states.length && attributeOf(entity, 'state')?.filterable) {
    all.push({ label: open.map((state) => state.label).join(', '), filter: { attribute: 'state', operator: 'in', value: open.map((state) => state.value) } });
  }
  const due = entity.is_activity ? (entity.calendar?.end ?? entity.calendar?.start) : null;
  if (due && attributeOf(entity, due)?.operators.includes('today')) {
    all.push({ label: t('lists.filter.dueToday'), filter: { attribute: due, operator: 'today' } });
    all.push({ label: t('lists.filter.overdue'), filter: { attribute: due, operator: 'older_than_n_days', value: 0 } });
  } else if (attributeOf(entity, 'created_at')?.operators.includes('this_week')) {
    all.push({ label: t('lists.filter.createdThisWeek'), filter: { attribute: 'created_at', operator: 'this_week' } });
  }
  // Another condition on the state would only contradict the present one.
  const speaksOfState = parts.some((part) => 'attribute' in part && part.attribute === 'state');
  return all.filter((suggestion) => !parts.some((part) => same(part, suggestion.filter)) && !(speaksOfState && 'attribute' in suggestion.filter && suggestion.filter.attribute === 'state'));
}
