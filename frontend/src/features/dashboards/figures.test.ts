import { describe, expect, it } from 'vitest';

import type { Entity } from '@/metadata';
import { aggregateOf, answersOf, dueAttribute, opportunityFilters, questions } from './figures';
import { readScope } from './scope';

const entity = (name: string, plural: string, more: object = {}) =>
  ({ name, plural, primary_attribute: 'subject', attributes: [], calendar: { start: 'scheduled_start', end: 'scheduled_end' }, states: [{ value: 'open', closed: false }, { value: 'won', closed: true }], ...more }) as unknown as Entity;
const opportunity = entity('opportunity', 'opportunities');
const task = entity('task', 'tasks');
const scope = readScope({ period: 'this_year' }, 'all');
const mine = [{ attribute: 'owner', operator: 'me' }];

describe('questions', () => {
  it('are one request for what the user may see', () => {
    const asks = questions({ opportunity, activities: [task] }, scope, mine, '2026-11-29');
    expect(asks.map((ask) => ask.key)).toEqual(['pipeline', 'won', 'owners', 'thisQuarter', 'lastQuarter', 'due:task']);
    expect(asks.map((ask) => ask.operation.path)).toEqual([...Array<string>(5).fill('/opportunities/aggregate'), '/tasks/query']);
    expect(questions({ activities: [] }, scope, [], '2026-11-29')).toEqual([]);
  });

  it('use the very filters the links use', () => {
    const filters = opportunityFilters(opportunity, scope, mine);
    const asked = (key: string) => (questions({ opportunity, activities: [] }, scope, mine, '').find((ask) => ask.key === key)!.operation.body as { filter: unknown }).filter;
    expect(asked('pipeline')).toEqual(filters.open);
    expect(asked('won')).toEqual(filters.won);
    expect(filters.won).toEqual({ and: [{ attribute: 'state', operator: 'eq', value: 'won' }, { attribute: 'actual_close_date', operator: 'this_year' }, ...mine] });
    expect(filters.open).toEqual({ and: [{ attribute: 'state', operator: 'in', value: ['open'] }, ...mine] });
  });
});

it('counts appointments from their start and everything else from its end', () => {
  expect(dueAttribute(entity('appointment', 'appointments'))).toBe('scheduled_start');
  expect(dueAttribute(task)).toBe('scheduled_end');
});

it('keeps a failing figure from taking the others with it', () => {
  const asks = questions({ opportunity, activities: [] }, scope, [], '').slice(0, 2);
  const answers = answersOf(asks, [{ status: 200, body: { groups: [], totals: [3] } }, { status: 403, body: { message: 'no', request_id: 'r1' } }]);
  expect(aggregateOf(answers, 'pipeline')?.totals).toEqual([3]);
  expect(aggregateOf(answers, 'won')).toBeNull();
  expect(answers.get('won')?.error).toEqual({ status: 403, message: 'no', requestId: 'r1' });
  expect(answersOf(asks, []).get('pipeline')?.error?.status).toBe(500);
});
