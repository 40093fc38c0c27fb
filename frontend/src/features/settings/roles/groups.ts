/** Which rows of the matrix are shown: all, those that were looked for, or those in which two roles differ. */
import { differing, type Matrix } from './matrix';

export interface MatrixGroup {
  label: string;
  objects: { name: string; label: string; icon: string | null }[];
}

/** The groups left over when looking for `text` in the names of objects and groups, and comparing with `other`. */
export function shownGroups(groups: MatrixGroup[], text: string, matrix: Matrix, other: Matrix | null, privileges: string[]): MatrixGroup[] {
  const wanted = text.trim().toLocaleLowerCase();
  const has = (label: string) => label.toLocaleLowerCase().includes(wanted);
  return groups
    .map((group) => ({
      ...group,
      objects: group.objects.filter((object) => (!wanted || has(group.label) || has(object.label)) && (!other || differing(matrix, other, object.name, privileges).length > 0)),
    }))
    .filter((group) => group.objects.length > 0);
}
