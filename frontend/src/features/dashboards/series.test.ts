import { describe, expect, it } from 'vitest';

import type { AggregateAnswer } from '@/api';
import { addAmounts, arcs, bucketOf, bucketsBetween, changeOf, endOfBucket, stepFor, ticks, timeSeries, topPoints, type Point } from './series';

const group = (key: string | null, count: number, amount: string | null) => ({ keys: [key], labels: [key ?? ''], values: [count, amount] });
const point = (key: string, count: number, amount = '0'): Point => ({ key, label: key, value: Number(amount), amount, count, filter: { attribute: 'a', operator: 'eq', value: key }, color: null });

describe('timeSeries', () => {
  const answer: AggregateAnswer = { groups: [group('2017-03-01', 2, '100.10'), group('2017-06-01', 1, '50.20'), group(null, 4, '9')], totals: [7, '159.30'] };

  it('fills months in which nothing happened', () => {
    const { step, points } = timeSeries(answer, 'closed', (bucket) => bucket);
    expect(step).toBe('month');
    expect(points.map((entry) => [entry.key, entry.amount, entry.count])).toEqual([['2017-03-01', '100.10', 2], ['2017-04-01', null, 0], ['2017-05-01', null, 0], ['2017-06-01', '50.20', 1]]);
  });

  it('adds months to quarters and links to exactly their days', () => {
    const { points } = timeSeries(answer, 'closed', (bucket) => bucket, 'quarter');
    expect(points.map((entry) => [entry.key, entry.amount])).toEqual([['2017-01-01', '100.10'], ['2017-04-01', '50.20']]);
    expect(points[1]!.filter).toEqual({ and: [{ attribute: 'closed', operator: 'on_or_after', value: '2017-04-01' }, { attribute: 'closed', operator: 'on_or_before', value: '2017-06-30' }] });
  });

  it('is empty without dated groups', () => {
    expect(timeSeries({ groups: [group(null, 4, '9')], totals: [4, '9'] }, 'closed', (bucket) => bucket).points).toEqual([]);
  });
});

describe('buckets', () => {
  it('grow with the span', () => {
    expect(stepFor('2017-01-01', '2017-12-01')).toBe('month');
    expect(stepFor('2015-01-01', '2017-12-01')).toBe('quarter');
    expect(stepFor('2005-01-01', '2017-12-01')).toBe('year');
  });

  it('begin and end where the calendar does', () => {
    expect(bucketOf('2017-11-05', 'quarter')).toBe('2017-10-01');
    expect(bucketsBetween('2016-11-05', '2017-02-01', 'quarter')).toEqual(['2016-10-01', '2017-01-01']);
    expect(endOfBucket('2016-02-01', 'month')).toBe('2016-02-29');
    expect(endOfBucket('2017-10-01', 'quarter')).toBe('2017-12-31');
    expect(endOfBucket('2017-01-01', 'year')).toBe('2017-12-31');
  });
});

describe('addAmounts', () => {
  it('loses no cent', () => {
    expect(addAmounts(['0.10', '0.20', null, '9007199254740993.01'])).toBe('9007199254740993.31');
    expect(addAmounts(['-1.5', '1'])).toBe('-0.5');
    expect(addAmounts([10, '0.25'])).toBe('10.25');
    expect(addAmounts([null, undefined])).toBeNull();
  });
});

describe('ticks', () => {
  it('are round and reach the largest value', () => {
    expect(ticks(97)).toEqual([0, 25, 50, 75, 100]);
    expect(ticks(1_134_672)).toEqual([0, 500_000, 1_000_000, 1_500_000]);
    expect(ticks(0)).toEqual([0]);
    expect(ticks(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
  });
});

it('puts small entries together without losing their records', () => {
  const top = topPoints([point('a', 1, '5'), point('b', 2, '30.5'), point('c', 1, '1.25'), point('d', 1, '2')], 3, 'Others');
  expect(top.map((entry) => [entry.key, entry.amount, entry.count])).toEqual([['b', '30.5', 2], ['a', '5', 1], ['others', '3.25', 2]]);
  expect(top[2]!.filter).toEqual({ or: [{ attribute: 'a', operator: 'eq', value: 'd' }, { attribute: 'a', operator: 'eq', value: 'c' }] });
  expect(topPoints([point('a', 1)], 3, 'Others')).toHaveLength(1);
});

describe('arcs', () => {
  it('share the ring by count and leave out zeros', () => {
    const ring = arcs([point('a', 3), point('b', 1), point('c', 0)], 100, 20);
    expect(ring.map((arc) => [arc.point.key, arc.share])).toEqual([['a', 0.75], ['b', 0.25]]);
    expect(ring[0]!.path).toMatch(/^M50\.00 0\.00A50 50 0 1 1 0\.00 50\.00L/);
    expect(arcs([point('a', 5)], 100, 20)[0]!.path).not.toMatch(/NaN/);
    expect(arcs([point('a', 0)], 100, 20)).toEqual([]);
  });
});

it('compares with what was before', () => {
  expect(changeOf(150, 100)).toBe(50);
  expect(changeOf(50, 100)).toBe(-50);
  expect(changeOf(5, 0)).toBeNull();
});
