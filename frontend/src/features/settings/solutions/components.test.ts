import { describe, expect, it } from 'vitest';

import type { PickableComponent } from '@/api/solutions';
import { groupsOf, idOf, missingNeeds } from './components';

const make = (kind: string, object: string | null, name: string, needs: [string, string | null, string][] = []): PickableComponent => ({
  kind, object, name, label: name, object_label: object, needs: needs.map(([k, o, n]) => ({ kind: k, object: o, name: n })),
});
const boat = make('object', null, 'c_boat');
const length = make('attribute', 'c_boat', 'c_length', [['object', null, 'c_boat']]);
const view = make('view', 'c_boat', 'c_long', [['attribute', 'c_boat', 'c_length']]);
const role = make('role', null, 'Skipper', [['object', null, 'c_boat']]);

describe('components of a solution', () => {
  it('name what they need, and what that needs', () => {
    expect(missingNeeds([boat, length, view, role], new Set([idOf(view)]))).toEqual([length, boat]);
    expect(missingNeeds([boat, length, view, role], new Set([idOf(view), idOf(length), idOf(boat)]))).toEqual([]);
  });

  it('stand by their object, the object first and what belongs to none last', () => {
    const groups = groupsOf((key) => key, [role, view, length, boat]);
    expect(groups.map((group) => [group.object, group.components.map((one) => one.name)])).toEqual([
      ['c_boat', ['c_boat', 'c_long', 'c_length']],
      ['', ['Skipper']],
    ]);
  });
});
