import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';

import { batch, listRecords } from '@/api';
import { addDays, formatValue } from '@/fields';
import { attributeOf, entityQuery, useMaybeEntity, useObjects, type Entity } from '@/metadata';
import { today } from '@/ui';
import { answersOf, DAYS_AHEAD, questions } from './figures';
import { peopleOf, whoseFilters, type Person, type Scope } from './scope';

const FRESH_MS = 60_000;
const MOST_PEOPLE = 1000;
const ACTIVITIES = ['task', 'phone_call', 'appointment'];

/** The people of the workspace with region and manager; an empty list for users who may not see them. */
export function usePeople(): Person[] {
  const objects = useObjects();
  const user = useMaybeEntity(objects.some((object) => object.name === 'user') ? 'user' : null);
  const fields = ['full_name', 'region', 'manager'].filter((name) => user && attributeOf(user, name));
  const { data } = useQuery({
    queryKey: ['records', 'users', 'list', 'people', fields],
    enabled: !!user,
    staleTime: 5 * FRESH_MS,
    queryFn: ({ signal }) => listRecords('users', { fields, order: ['full_name'], limit: MOST_PEOPLE, count: 'none' }, signal),
  });
  const region = user && attributeOf(user, 'region');
  return data ? peopleOf(data.rows, (value) => (region && value != null ? formatValue(region, value) : '')) : [];
}

/** The objects the dashboard speaks of, as far as the user may read them. */
export function useSalesObjects(): { opportunity?: Entity; lead?: Entity; activities: Entity[]; pending: boolean } {
  const objects = useObjects();
  const wanted = ['opportunity', 'lead', ...ACTIVITIES].filter((name) => objects.some((object) => object.name === name && object.privileges.read !== false));
  const results = useQueries({ queries: wanted.map((name) => entityQuery(name)) });
  const entities = results.flatMap((result) => (result.data ? [result.data] : []));
  return {
    opportunity: entities.find((entity) => entity.name === 'opportunity'),
    lead: entities.find((entity) => entity.name === 'lead' && attributeOf(entity, 'rating')),
    activities: entities.filter((entity) => ACTIVITIES.includes(entity.name) && entity.calendar),
    pending: results.some((result) => result.isPending),
  };
}

/** All figures of the dashboard in one request. */
export function useSalesFigures(scope: Scope, people: Person[]) {
  const objects = useSalesObjects();
  const whose = whoseFilters(scope.whose, people);
  const until = addDays(today(), DAYS_AHEAD);
  const asks = questions(objects, scope, whose, until);
  const needsPeople = /^(manager|region):/.test(scope.whose) && !people.length;
  const query = useQuery({
    queryKey: ['records', 'dashboard', 'sales', asks.map((ask) => ask.operation)],
    enabled: !objects.pending && asks.length > 0 && !needsPeople,
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => answersOf(asks, (await batch(asks.map((ask) => ask.operation), false, signal)).results),
  });
  return { ...query, objects, whose, until };
}
