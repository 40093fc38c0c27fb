import { describe, expect, it } from 'vitest';

import type { BoardColumn, RecordData } from '@/api';
import type { Board } from '@/metadata';
import { ageOf, boardFilter, daysSince, moveCard, nextCard, withCard, withMore, type BoardData } from './columns';

const board = { attribute: 'stage', sum: 'revenue', weighted: 'weighted', card: [], filter: { attribute: 'state', operator: 'eq', value: 'open' }, drop: [] } as Board;
const card = (id: string, revenue: string | null = '10.00'): RecordData => ({ id, version: 1, revenue, weighted: revenue && '5.00' });
const column = (value: number, ...rows: RecordData[]): BoardColumn => ({ value, label: `S${value}`, color: null, count: rows.length + 100, sum: '1000.10', weighted: '500.00', rows, next: 'c' });
const data = (): BoardData => ({ columns: [column(1, card('a'), card('b', null)), column(2, card('c')), column(3)] });
const ids = (board: BoardData) => board.columns.map((entry) => entry.rows.map((row) => row.id));

describe('moveCard', () => {
  it('moves the card with its count, sum and weighted sum', () => {
    const moved = moveCard(data(), 'a', 2, 'stage', board);
    expect(ids(moved)).toEqual([['b'], ['c', 'a'], []]);
    expect(moved.columns[0]).toMatchObject({ count: 101, sum: '990.10', weighted: '495.00' });
    expect(moved.columns[1]).toMatchObject({ count: 102, sum: '1010.10', weighted: '505.00' });
    expect(moved.columns[1]!.rows[1]!.stage).toBe(2);
  });

  it('puts it before another card and leaves sums alone when there is no amount', () => {
    const moved = moveCard(data(), 'b', 2, 'stage', board, 'c');
    expect(ids(moved)).toEqual([['a'], ['b', 'c'], []]);
    expect(moved.columns[1]!.sum).toBe('1000.10');
  });

  it('is the same board when nothing moves', () => {
    const before = data();
    expect(moveCard(before, 'a', 1, 'stage', board)).toBe(before);
    expect(moveCard(before, 'gone', 2, 'stage', board)).toBe(before);
  });

  it('is undone by moving back', () => {
    const back = moveCard(moveCard(data(), 'a', 3, 'stage', board), 'a', 1, 'stage', board, 'b');
    expect(ids(back)).toEqual(ids(data()));
    expect(back.columns.map((entry) => [entry.count, entry.sum])).toEqual(data().columns.map((entry) => [entry.count, entry.sum]));
  });
});

it('takes a card off the board, as winning it does', () => {
  const after = withCard(data(), 'a', () => null, board);
  expect(ids(after)).toEqual([['b'], ['c'], []]);
  expect(after.columns[0]).toMatchObject({ count: 101, sum: '990.10' });
});

it('adds further cards once', () => {
  const after = withMore(data(), 1, [card('b'), card('d')], null);
  expect(ids(after)[0]).toEqual(['a', 'b', 'd']);
  expect(after.columns[0]!.next).toBeNull();
});

describe('boardFilter', () => {
  it('adds "open only" unless the list speaks of states itself', () => {
    expect(boardFilter(board, null)).toEqual(board.filter);
    const mine = { attribute: 'owner', operator: 'me' };
    expect(boardFilter(board, mine)).toEqual({ and: [mine, board.filter] });
    const won = { attribute: 'state', operator: 'eq', value: 'won' };
    expect(boardFilter(board, won)).toBe(won);
    expect(boardFilter(null, mine)).toBe(mine);
  });
});

describe('nextCard', () => {
  it('walks through columns and skips empty ones', () => {
    const columns = [column(1, card('a'), card('b')), column(2), column(3, card('c'))];
    expect(nextCard(columns, null, 'ArrowDown')).toBe('a');
    expect(nextCard(columns, 'a', 'ArrowDown')).toBe('b');
    expect(nextCard(columns, 'b', 'ArrowDown')).toBeNull();
    expect(nextCard(columns, 'b', 'ArrowRight')).toBe('c');
    expect(nextCard(columns, 'c', 'ArrowLeft')).toBe('a');
    expect(nextCard(columns, 'c', 'ArrowRight')).toBeNull();
  });
});

it('marks cards that stay too long', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(daysSince('2026-11-20T13:00:00Z', now)).toBe(1);
  expect(daysSince('2026-12-01T00:00:00Z', now)).toBe(0);
  expect(daysSince(null, now)).toBeNull();
  expect([ageOf(null), ageOf(13), ageOf(14), ageOf(30)]).toEqual(['fresh', 'fresh', 'ageing', 'stale']);
});
