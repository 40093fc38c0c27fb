/**
 * Saving single cells at once. The row shows the new value immediately; edits of one record are sent one after the
 * other, so that a second edit carries the version the first one made; a refused edit puts the old value back and
 * keeps the reason, and what was typed, at the cell.
 */
import type { RecordData } from '@/api';
import { narrowed } from './pages';

interface Edit {
  name: string;
  value: unknown;
}

export interface CellFailure {
  message: string;
  /** What the user had entered. */
  value: unknown;
  /** Somebody else saved first: the row now shows their values. */
  conflict: boolean;
}

export interface EditPorts {
  /** Send one change; rejects with what the server says. */
  send: (id: string, values: Record<string, unknown>, version: number | undefined) => Promise<RecordData>;
  /** Draw a row anew. */
  show: (id: string, change: (row: RecordData) => RecordData) => void;
  /** Put an error into words. */
  explain: (error: unknown) => { message: string; current?: RecordData };
  /** After each successful save. */
  saved?: (id: string, name: string) => void;
}

interface Line {
  base: RecordData;
  waiting: Edit[];
  running: Promise<unknown>;
}

const cell = (id: string, name: string) => `${id}\n${name}`;

export class EditQueue {
  private readonly lines = new Map<string, Line>();
  private readonly failures = new Map<string, CellFailure>();
  private readonly listeners = new Set<() => void>();
  private readonly stamps = new Map<string, number>();

  constructor(private readonly ports: EditPorts) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes whenever something about the cells of a row changed; for subscriptions of single rows. */
  stampOf(id: string): number {
    return this.stamps.get(id) ?? 0;
  }

  failure(id: string, name: string): CellFailure | undefined {
    return this.failures.get(cell(id, name));
  }

  isSaving(id: string, name: string): boolean {
    return this.lines.get(id)?.waiting.some((edit) => edit.name === name) ?? false;
  }

  /** Number of edits under way: a page that is left with any warns. */
  get pending(): number {
    return [...this.lines.values()].reduce((sum, line) => sum + line.waiting.length, 0);
  }

  dismiss(id: string, name: string): void {
    if (this.failures.delete(cell(id, name))) this.changed(id);
  }

  /**
   * Change one attribute of a row.
   *
   * @param row the row as shown
   * @param value in write shape
   * @returns whether it was saved
   */
  edit(row: RecordData, name: string, value: unknown): Promise<boolean> {
    const line = this.lines.get(row.id) ?? { base: row, waiting: [], running: Promise.resolve() };
    this.lines.set(row.id, line);
    const edit: Edit = { name, value };
    line.waiting.push(edit);
    this.failures.delete(cell(row.id, name));
    this.draw(row.id, line);
    const result = line.running.then(() => this.run(row.id, line, edit));
    line.running = result;
    return result;
  }

  private async run(id: string, line: Line, edit: Edit): Promise<boolean> {
    try {
      line.base = narrowed(line.base, await this.ports.send(id, { [edit.name]: edit.value }, line.base.version));
      this.finish(id, line, edit);
      this.ports.saved?.(id, edit.name);
      return true;
    } catch (error) {
      const { message, current } = this.ports.explain(error);
      if (current) line.base = narrowed(line.base, current);
      this.failures.set(cell(id, edit.name), { message, value: edit.value, conflict: !!current });
      this.finish(id, line, edit);
      return false;
    }
  }

  private finish(id: string, line: Line, edit: Edit) {
    line.waiting.splice(line.waiting.indexOf(edit), 1);
    this.draw(id, line);
    if (!line.waiting.length) this.lines.delete(id);
  }

  /** The row is what the server last said, with the edits still under way on top. */
  private draw(id: string, line: Line) {
    const overlay = Object.fromEntries(line.waiting.map((edit) => [edit.name, edit.value]));
    const base = line.base;
    this.ports.show(id, (row) => ({ ...row, ...base, ...overlay }));
    this.changed(id);
  }

  private changed(id: string) {
    this.stamps.set(id, this.stampOf(id) + 1);
    this.listeners.forEach((listener) => listener());
  }
}
