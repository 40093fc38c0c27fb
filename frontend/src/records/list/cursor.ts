/** Moving the active cell with the keyboard. */
import type { RecordData } from '@/api';
import type { Column } from './columns';
import type { Item } from './items';

export interface Cell {
  /** Key of the line. */
  key: string;
  column: string;
}

const PAGE = 15;

/** A step that skips lines which cannot be active. */
function seek(items: Item[], from: number, step: 1 | -1): number {
  for (let index = from; index >= 0 && index < items.length; index += step) if (items[index]!.kind !== 'more') return index;
  return -1;
}

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

function lineStep(press: Press, items: Item[], at: number): number {
  switch (press.key) {
    case 'ArrowDown':
      return seek(items, at + 1, 1);
    case 'ArrowUp':
      return at < 0 ? seek(items, 0, 1) : seek(items, at - 1, -1);
    case 'PageDown':
      return seek(items, Math.min(items.length - 1, Math.max(0, at) + PAGE), -1);
    case 'PageUp':
      return seek(items, Math.max(0, at - PAGE), 1);
    default:
      return press.key === 'Home' ? seek(items, 0, 1) : seek(items, items.length - 1, -1);
  }
}

/**
 * The cell an arrow, page, Home or End key leads to.
 *
 * @returns null when the key does not move
 */
export function nextCell(press: Press, items: Item[], columns: Column[], active: Cell | null): { cell: Cell; row: RecordData | null } | null {
  const at = active ? items.findIndex((item) => item.key === active.key) : -1;
  const column = active ? Math.max(0, columns.findIndex((entry) => entry.name === active.column)) : 0;
  const far = press.ctrlKey || press.metaKey;
  let line = at;
  let target = column;
  if (['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp'].includes(press.key) || (far && (press.key === 'Home' || press.key === 'End'))) {
    line = lineStep(press, items, at);
  } else if (press.key === 'ArrowRight') target = far ? columns.length - 1 : Math.min(columns.length - 1, column + 1);
  else if (press.key === 'ArrowLeft') target = far ? 0 : Math.max(0, column - 1);
  else if (press.key === 'Home') target = 0;
  else if (press.key === 'End') target = columns.length - 1;
  else return null;
  const item = items[line];
  const place = columns[target];
  if (!item || !place) return null;
  return { cell: { key: item.key, column: place.name }, row: item.kind === 'row' ? item.row : null };
}

/** The next or previous row line from the active one, for `j` and `k`. */
export function nextRow(items: Item[], active: Cell | null, step: 1 | -1): Item | null {
  const at = active ? items.findIndex((item) => item.key === active.key) : -1;
  for (let index = at < 0 ? 0 : at + step; index >= 0 && index < items.length; index += step) if (items[index]!.kind === 'row') return items[index]!;
  return null;
}

/** Where Tab goes from a cell being edited: the next editable cell of the row, else of the rows after it. */
export function nextEditable(items: Item[], columns: Column[], active: Cell, step: 1 | -1, editable: (row: RecordData, column: Column) => boolean): Cell | null {
  let line = items.findIndex((item) => item.key === active.key);
  let column = columns.findIndex((entry) => entry.name === active.column) + step;
  for (; line >= 0 && line < items.length; line += step, column = step > 0 ? 0 : columns.length - 1) {
    const item = items[line]!;
    if (item.kind !== 'row') continue;
    for (; column >= 0 && column < columns.length; column += step) if (editable(item.row, columns[column]!)) return { key: item.key, column: columns[column]!.name };
  }
  return null;
}
