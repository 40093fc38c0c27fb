import { useQuery } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listRecords } from '@/api/records';
import { asRef } from '@/fields';

export interface Unit {
  id: string;
  name: string;
  parent: string | null;
  active: boolean;
  /** 0 for the root. */
  level: number;
  /** Names from the root down, as in “Nordwind / North”. */
  path: string;
}

const query = { fields: ['name', 'parent', 'state'], order: ['name'], limit: 500 };

/** Flat rows in the order of the tree, each below its parent. */
export function treeOrder(rows: Omit<Unit, 'level' | 'path'>[]): Unit[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<string | null, typeof rows>();
  for (const row of rows) {
    const parent = row.parent && known.has(row.parent) ? row.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const walk = (parent: string | null, level: number, path: string): Unit[] =>
    (below.get(parent) ?? []).flatMap((row) => {
      const full = path ? `${path} / ${row.name}` : row.name;
      return [{ ...row, level, path: full }, ...walk(row.id, level + 1, full)];
    });
  return walk(null, 0, '');
}

/** Ids of a unit and everything below it: where it cannot be moved to. */
export function withDescendants(units: Unit[], id: string): Set<string> {
  const found = new Set([id]);
  for (const unit of units) if (unit.parent && found.has(unit.parent)) found.add(unit.id);
  return found;
}

/** Whether a role of `roleUnit` can be held in `unit`: there and below; everywhere without unit. */
export function usableIn(units: Unit[] | undefined, roleUnit: string | null | undefined, unit: string | null | undefined): boolean {
  return !roleUnit || !units || (!!unit && withDescendants(units, roleUnit).has(unit));
}

export function useUnits() {
  return useQuery({
    queryKey: keys.list('business_units', query),
    queryFn: async ({ signal }) => {
      const answer = await listRecords('business_units', query, signal);
      return answer;
    },
    select: (answer) => treeOrder(answer.rows.map((row) => ({ id: row.id, name: String(row.name), parent: asRef(row.parent)?.id ?? null, active: row.state === 'active' }))),
  });
}
