/** The input inside a grid cell. Enter and leaving the cell save, Tab saves and goes on, Escape takes it back. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';

import type { RecordData } from '@/api';
import { FieldInput, sameValue, validateValue } from '@/fields';
import type { Entity } from '@/metadata';
import type { Column } from './columns';
import type { ListCommands } from './commands';
import type { Cell } from './cursor';
import classes from './Grid.module.css';

export interface CellEditorProps {
  entity: Entity;
  row: RecordData;
  column: Column;
  cell: Cell;
  commands: ListCommands;
  /** What was refused before, to be corrected. */
  initial: unknown;
  close: () => void;
}

/** One choice is the whole edit; it is saved as soon as it is made. */
const AT_ONCE = new Set(['pick', 'bool', 'status_reason', 'lookup', 'customer', 'regarding', 'owner']);
const FLOATING = '.mantine-Combobox-dropdown, .mantine-Popover-dropdown, .mantine-Menu-dropdown, .mantine-Modal-root';

export function CellEditor({ entity, row, column, cell, commands, initial, close }: CellEditorProps) {
  const attribute = column.attribute!;
  const box = useRef<HTMLDivElement>(null);
  const [value, setValue] = useState<unknown>(initial === undefined ? row[column.name] : initial);
  const [error, setError] = useState<string | null>(null);
  const latest = useRef(value);
  const done = useRef(false);

  const change = (next: unknown) => {
    latest.current = next;
    setValue(next);
    setError(null);
    if (AT_ONCE.has(attribute.type)) commit(next);
  };

  /** Save and close; stays open with the reason when the value cannot be right. */
  function commit(next: unknown = latest.current): boolean {
    if (done.current) return true;
    const reason = validateValue({ ...attribute, states: entity.states }, next);
    if (reason) {
      setError(reason);
      return false;
    }
    done.current = true;
    close();
    if (!sameValue(next, row[column.name])) commands.save(row, column.name, next);
    return true;
  }

  useEffect(() => {
    // Choices open at once: one key or double click fewer.
    if (AT_ONCE.has(attribute.type) && attribute.type !== 'bool') box.current?.querySelector<HTMLElement>('button, input')?.click();
  }, [attribute.type]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      event.nativeEvent.stopImmediatePropagation();
      done.current = true;
      close();
    } else if (event.key === 'Tab') {
      event.preventDefault();
      if (commit()) commands.tab(cell, event.shiftKey ? -1 : 1);
    } else if (event.key === 'Enter' && !event.defaultPrevented && !AT_ONCE.has(attribute.type) && (attribute.type !== 'memo' || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commit();
    }
    event.stopPropagation();
  };

  return (
    <div
      ref={box}
      className={classes.editor}
      data-invalid={!!error || undefined}
      data-tall={attribute.type === 'memo' || undefined}
      onKeyDown={onKeyDown}
      onMouseDown={(event) => event.stopPropagation()}
      onBlur={() => {
        // Lists of choices float outside the cell: only leaving both ends the edit.
        setTimeout(() => {
          const focus = document.activeElement;
          if (done.current || !box.current || box.current.contains(focus) || focus?.closest(FLOATING)) return;
          if (!commit()) {
            done.current = true;
            close();
          }
        }, 0);
      }}
    >
      <FieldInput attribute={{ ...attribute, states: entity.states }} value={value} onChange={change} variant="cell" autoFocus record={row} entity={entity} error={error} />
      {error && (
        <div className={classes.reason} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}
