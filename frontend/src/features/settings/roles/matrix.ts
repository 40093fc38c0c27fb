/** The privileges of a role as a table that can be changed cell by cell, by row and by column. */
import { DEPTHS, type Depth, type RolePrivileges } from '@/api/people';

/** Object → privilege → depth. */
export type Matrix = Record<string, Record<string, Depth>>;

export const matrixOf = (role: RolePrivileges): Matrix => Object.fromEntries(role.objects.map((object) => [object.name, object.depths]));

export const depthAt = (matrix: Matrix, object: string, privilege: string): Depth => matrix[object]?.[privilege] ?? 'none';

/** Depths an object can have, least first: without owners there is no “own”. */
export type Choices = Record<string, Depth[]>;

export const choicesOf = (role: RolePrivileges): Choices => Object.fromEntries(role.objects.map((object) => [object.name, object.choices]));

/** How far a depth reaches on an object: the next one it knows. */
export const meant = (choices: Depth[] | undefined, depth: Depth): Depth => choices?.find((choice) => DEPTHS.indexOf(choice) >= DEPTHS.indexOf(depth)) ?? depth;

/** A copy with some cells of one object set. */
export function setCells(matrix: Matrix, object: string, privileges: string[], depth: Depth): Matrix {
  return { ...matrix, [object]: { ...matrix[object], ...Object.fromEntries(privileges.map((privilege) => [privilege, depth])) } };
}

/** A copy with one privilege of several objects set. */
export const setColumn = (matrix: Matrix, objects: string[], privilege: string, depth: Depth, choices: Choices): Matrix =>
  objects.reduce((next, object) => setCells(next, object, [privilege], meant(choices[object], depth)), matrix);

/** The privileges of an object that reach differently far in two roles. */
export const differing = (one: Matrix, other: Matrix, object: string, privileges: string[]): string[] => privileges.filter((privilege) => depthAt(one, object, privilege) !== depthAt(other, object, privilege));

/** The cells that differ, in the shape in which they are sent, and their number. */
export function changesBetween(before: Matrix, after: Matrix): { rows: Matrix; cells: number } {
  const rows: Matrix = {};
  let cells = 0;
  for (const [object, depths] of Object.entries(after)) {
    const changed = Object.entries(depths).filter(([privilege, depth]) => depthAt(before, object, privilege) !== depth);
    if (changed.length) rows[object] = Object.fromEntries(changed);
    cells += changed.length;
  }
  return { rows, cells };
}
