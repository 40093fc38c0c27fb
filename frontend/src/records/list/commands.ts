import type { RecordData } from '@/api';
import type { Cell } from './cursor';

/** What rows, header and keyboard can ask the list to do; stable, so that rows are drawn only when they change. */
export interface ListCommands {
  toggle: (id: string) => void;
  /** Shift: everything between the last toggled row and this one. */
  selectRange: (row: RecordData) => void;
  selectShown: () => void;
  clearSelection: () => void;
  openPanel: (row: RecordData) => void;
  openPage: (row: RecordData, newTab: boolean) => void;
  /** Path of the record's page, for links that the browser may open in a new tab. */
  hrefOf: (row: RecordData) => string;
  /** Save a cell. */
  save: (row: RecordData, name: string, value: unknown) => void;
  /** Leave the editor towards the next editable cell. */
  tab: (from: Cell, step: 1 | -1) => void;
  copy: (active: Cell) => void;
  toggleSort: (name: string, add: boolean) => void;
  setSort: (name: string, descending: boolean) => void;
  hide: (name: string) => void;
  move: (from: number, to: number) => void;
  resize: (name: string, width: number | null) => void;
  groupBy: (name: string | null) => void;
  filterBy: (name: string) => void;
  toggleSum: (name: string) => void;
}
