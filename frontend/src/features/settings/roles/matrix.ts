/** The privileges of a role as a table that can be changed cell by cell, by row and by column. */
import type { Depth, RolePrivileges } from '@/api/people';

export type Matrix = RolePrivileges['privileges'];

/** In the order of the delivered roles' sheet. */
export const PRIVILEGES = ['create', 'read', 'write', 'delete', 'append', 'append_to', 'assign', 'share', 'merge', 'export', 'import'] as const;
export type PrivilegeName = (typeof PRIVILEGES)[number];

export const depthAt = (matrix: Matrix, object: string, privilege: string): Depth => matrix[object]?.[privilege] ?? 'none';

/** A copy with one cell set. */
export function setCell(matrix: Matrix, object: string, privilege: string, depth: Depth): Matrix {
  return { ...matrix, [object]: { ...matrix[object], [privilege]: depth } };
}

/** A copy with all privileges of an object set. */
export function setRow(matrix: Matrix, object: string, depth: Depth): Matrix {
  return PRIVILEGES.reduce((next, privilege) => setCell(next, object, privilege, depth), matrix);
}

/** A copy with one privilege of several objects set. */
export function setColumn(matrix: Matrix, objects: string[], privilege: string, depth: Depth): Matrix {
  return objects.reduce((next, object) => setCell(next, object, privilege, depth), matrix);
}

/** Objects whose row differs, with their new row; and how many cells differ. */
export function changesBetween(before: Matrix, after: Matrix): { rows: Matrix; cells: number } {
  const rows: Matrix = {};
  let cells = 0;
  for (const object of Object.keys(after)) {
    const different = PRIVILEGES.filter((privilege) => depthAt(before, object, privilege) !== depthAt(after, object, privilege));
    if (different.length) rows[object] = after[object]!;
    cells += different.length;
  }
  return { rows, cells };
}
