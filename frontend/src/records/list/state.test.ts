import { describe, expect, it } from 'vitest';

import type { Entity, View } from '@/metadata';
import { ALL_VIEW, allView, chosenView, isEdited, isMissingView, readState, searchFor, toggledOrder } from './state';

const view: View = {
  id: 'v1', name: 'Open', kind: 'standard', object: 'opportunity', is_default: true, layout: 'table', columns: [{ name: 'topic', width: 240 }, { name: 'stage' }],
  filter: { attribute: 'state', operator: 'in', value: ['open'] }, order: ['-created_at'], group_by: 'stage', board_attribute: 'stage', editable: false, owner: null,
};
const entity = { name: 'opportunity', primary_attribute: 'topic', board: { attribute: 'stage' }, forms: { main: { header: ['owner'] }, quick_create: ['topic'] } } as unknown as Entity;
const all = allView(entity, [view], 'All');

describe('readState', () => {
  it('is the view itself when the address says nothing', () => {
    const state = readState({}, view);
    expect(state).toMatchObject({ layout: 'table', filter: view.filter, order: ['-created_at'], groupBy: 'stage', q: '', panel: null });
    expect(isEdited(state)).toBe(false);
  });

  it('tells "nothing" from "as in the view"', () => {
    const state = readState({ filter: { and: [] }, order: 'none', group: 'none' }, view);
    expect(state).toMatchObject({ filter: null, order: [], groupBy: null });
    expect(isEdited(state)).toBe(true);
  });

  it('keeps the widths of columns it knows and ignores what makes no sense', () => {
    expect(readState({ columns: 'stage,topic,owner' }, view).columns).toEqual([{ name: 'stage' }, { name: 'topic', width: 240 }, { name: 'owner' }]);
    expect(readState({ layout: 'sphere', filter: '{broken', q: 42 }, view)).toMatchObject({ layout: 'table', filter: view.filter, q: '42' });
  });
});

describe('searchFor', () => {
  it('round-trips every change', () => {
    const change = { layout: 'board' as const, q: 'acme', filter: null, order: ['name', '-stage'], groupBy: null, columns: [{ name: 'stage' }], boardAttribute: 'rating', panel: 'id1' };
    expect(readState(searchFor(view, change), view)).toMatchObject(change);
  });

  it('removes what is as in the view again, so the mark "edited" goes', () => {
    expect(searchFor(view, { layout: 'table', filter: view.filter, order: ['-created_at'], groupBy: 'stage', columns: view.columns })).toEqual({
      layout: null, filter: null, order: null, group: null, columns: null,
    });
  });

  it('does not count a new width as an edit of the view', () => {
    expect(searchFor(view, { columns: [{ name: 'topic', width: 500 }, { name: 'stage' }] }).columns).toBeNull();
  });
});

describe('chosenView', () => {
  it('takes the default, the preferred, the named one, and all records for a link that only filters', () => {
    const other = { ...view, id: 'v2', is_default: false };
    expect(chosenView({}, [other, view], all).id).toBe('v1');
    expect(chosenView({}, [other, view], all, 'v2').id).toBe('v2');
    expect(chosenView({ view: 'v2' }, [other, view], all).id).toBe('v2');
    expect(chosenView({ filter: { and: [] } }, [view], all).id).toBe(ALL_VIEW);
    expect(chosenView({ view: 'gone' }, [view], all).id).toBe(ALL_VIEW);
    expect(isMissingView({ view: 'gone' }, [view])).toBe(true);
    expect(isMissingView({ view: ALL_VIEW }, [view])).toBe(false);
  });

  it('makes a view for an object that has none', () => {
    expect(allView(entity, [], 'All').columns).toEqual([{ name: 'topic' }, { name: 'owner' }]);
  });
});

describe('toggledOrder', () => {
  it('cycles one column', () => {
    expect(toggledOrder([], 'name', false)).toEqual(['name']);
    expect(toggledOrder(['name'], 'name', false)).toEqual(['-name']);
    expect(toggledOrder(['-name'], 'name', false)).toEqual([]);
    expect(toggledOrder(['-created_at'], 'name', false)).toEqual(['name']);
  });

  it('adds and removes columns while keeping the others', () => {
    expect(toggledOrder(['-created_at'], 'name', true)).toEqual(['-created_at', 'name']);
    expect(toggledOrder(['-created_at', 'name'], 'name', true)).toEqual(['-created_at', '-name']);
    expect(toggledOrder(['-created_at', '-name'], 'name', true)).toEqual(['-created_at']);
  });
});
