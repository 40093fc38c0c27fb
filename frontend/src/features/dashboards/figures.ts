/** Which aggregates the sales dashboard needs, asked in one request, and what came back for each. */
import type { AggregateAnswer, BatchOperation, Filter, ListAnswer } from '@/api';
import type { Entity } from '@/metadata';
import { allOf, periodFilters, type Scope } from './scope';

export interface Ask {
  key: string;
  operation: BatchOperation;
}

export type Answers = Map<string, { body: unknown; error: { status: number; message?: string; requestId?: string } | null }>;

const MOST_GROUPS = 1000;
const DUE_DAYS = 7;
const DUE_ROWS = 8;

/** Objects whose start is what counts; all others are due at their end. */
const BEGINS = new Set(['appointment', 'visit', 'service_activity']);
export const dueAttribute = (entity: Entity): string => (BEGINS.has(entity.name) ? entity.calendar!.start : (entity.calendar!.end ?? entity.calendar!.start));

/** The condition that a record is not closed. */
export function openFilter(entity: Entity): Filter {
  return { attribute: 'state', operator: 'in', value: entity.states.filter((state) => !state.closed).map((state) => state.value) };
}

const wonFilter: Filter = { attribute: 'state', operator: 'eq', value: 'won' };

export interface Filters {
  open: Filter;
  won: Filter;
  wonThisQuarter: Filter;
  wonLastQuarter: Filter;
}

/** The filters behind the figures on opportunities; the same ones go into the links. */
export function opportunityFilters(entity: Entity, scope: Scope, whose: Filter[]): Filters {
  return {
    open: allOf(openFilter(entity), whose),
    won: allOf(wonFilter, periodFilters(scope, 'actual_close_date'), whose),
    wonThisQuarter: allOf(wonFilter, { attribute: 'actual_close_date', operator: 'this_quarter' }, whose),
    wonLastQuarter: allOf(wonFilter, { attribute: 'actual_close_date', operator: 'last_quarter' }, whose),
  };
}

export const dueFilter = (entity: Entity, whose: Filter[], until: string): Filter =>
  allOf(openFilter(entity), { attribute: dueAttribute(entity), operator: 'on_or_before', value: until }, whose);

interface Objects {
  opportunity?: Entity;
  lead?: Entity;
  activities: Entity[];
}

/** All questions of the dashboard, as far as the user may see the objects. */
export function questions({ opportunity, lead, activities }: Objects, scope: Scope, whose: Filter[], until: string): Ask[] {
  const aggregate = (key: string, entity: Entity, filter: Filter, group: object[], ...sums: string[]): Ask => ({
    key,
    operation: {
      method: 'POST', path: `/${entity.plural}/aggregate`,
      body: { filter, group, measures: [{ fn: 'count' }, ...sums.map((attribute) => ({ fn: 'sum', attribute }))], limit: MOST_GROUPS },
    },
  });
  const asks: Ask[] = [];
  if (opportunity) {
    const filters = opportunityFilters(opportunity, scope, whose);
    asks.push(
      aggregate('pipeline', opportunity, filters.open, [{ attribute: 'stage' }], 'estimated_revenue', 'weighted_revenue'),
      aggregate('won', opportunity, filters.won, [{ attribute: 'actual_close_date', by: 'month' }], 'actual_revenue'),
      aggregate('owners', opportunity, filters.won, [{ attribute: 'owner' }], 'actual_revenue'),
      aggregate('thisQuarter', opportunity, filters.wonThisQuarter, [], 'actual_revenue'),
      aggregate('lastQuarter', opportunity, filters.wonLastQuarter, [], 'actual_revenue'),
    );
  }
  if (lead) asks.push(aggregate('leads', lead, allOf(openFilter(lead), whose), [{ attribute: 'rating' }]));
  for (const entity of activities) {
    const due = dueAttribute(entity);
    asks.push({
      key: `due:${entity.name}`,
      operation: {
        method: 'POST', path: `/${entity.plural}/query`,
        body: { filter: dueFilter(entity, whose, until), fields: [entity.primary_attribute, due, 'regarding', 'owner'].filter((name) => entity.attributes.some((attribute) => attribute.name === name)), order: [due], limit: DUE_ROWS, count: 'capped' },
      },
    });
  }
  return asks;
}

/** The answers by the question's key. */
export function answersOf(asks: Ask[], results: { status: number; body: unknown }[]): Answers {
  return new Map(
    asks.map((ask, index) => {
      const result = results[index];
      const status = result?.status ?? 500;
      const body = result?.body as { message?: string; request_id?: string } | undefined;
      return [ask.key, { body: result?.body, error: status >= 400 ? { status, message: body?.message, requestId: body?.request_id } : null }];
    }),
  );
}

export const aggregateOf = (answers: Answers, key: string): AggregateAnswer | null => {
  const answer = answers.get(key);
  return answer && !answer.error ? (answer.body as AggregateAnswer) : null;
};
export const listOf = (answers: Answers, key: string): ListAnswer | null => {
  const answer = answers.get(key);
  return answer && !answer.error ? (answer.body as ListAnswer) : null;
};

export const DAYS_AHEAD = DUE_DAYS;
export const ROWS_DUE = DUE_ROWS;
