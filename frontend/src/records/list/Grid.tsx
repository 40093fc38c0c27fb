/** The table: virtual rows, a frozen first column, header and footer that stay, cells edited in place. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import type { RecordData } from '@/api';
import { useT } from '@/i18n';
import { SkeletonRows } from '@/ui';
import { canEditCell } from './editable';
import classes from './Grid.module.css';
import { GridFooter } from './GridFooter';
import { GridHeader } from './GridHeader';
import { GridGroup, GridMore, GridRow } from './GridRow';
import { nextCell, type Cell } from './cursor';
import type { ListCommands } from './commands';
import { isSelected, type Selection } from './selection';
import type { ListModel } from './useListModel';

export const GROUP_HEIGHT = 36;
/** Rows drawn beyond the visible ones, above and below. */
const OVERSCAN = 10;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 30;

export interface GridProps {
  model: ListModel;
  rowHeight: number;
  selection: Selection;
  commands: ListCommands;
  active: Cell | null;
  setActive: (cell: Cell | null) => void;
  editing: boolean;
  setEditing: (editing: boolean) => void;
  canWrite: boolean;
  initialScroll: number;
  onScroll: (top: number) => void;
  /** Id of the record in the side panel. */
  open: string | null;
  /** Changes when other records are shown: the list then starts at its top again. */
  resetKey: string;
}

export function Grid({ model, rowHeight, selection, commands, active, setActive, editing, setEditing, canWrite, initialScroll, onScroll, open, resetKey }: GridProps) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const { items, columns } = model;
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (items[index]?.kind === 'group' ? GROUP_HEIGHT : rowHeight),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: OVERSCAN,
    initialOffset: initialScroll,
    scrollPaddingStart: 36,
    scrollPaddingEnd: 72,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  // The virtual scroller cannot scroll before the rows are there.
  const restored = useRef(initialScroll === 0);
  useLayoutEffect(() => {
    if (restored.current || !items.length || !box.current) return;
    restored.current = true;
    box.current.scrollTop = initialScroll;
  }, [items.length, initialScroll]);

  const shownKey = useRef(resetKey);
  useEffect(() => {
    if (shownKey.current !== resetKey) box.current?.scrollTo({ top: 0 });
    shownKey.current = resetKey;
  }, [resetKey]);

  const lines = virtual.getVirtualItems();
  const last = lines.at(-1)?.index ?? 0;
  useEffect(() => {
    for (let index = lines[0]?.index ?? 0; index <= Math.min(last + AHEAD, items.length - 1); index++) {
      const item = items[index]!;
      if (item.kind === 'group' && index <= last) model.reachGroup(item.group.key);
      if (item.kind === 'more' && item.state === 'idle') model.loadMore(item.segment);
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- runs when the visible part or the lines change
  }, [last, items]);

  const position = active ? items.findIndex((item) => item.key === active.key) : -1;
  useEffect(() => {
    if (position >= 0) virtual.scrollToIndex(position, { align: 'auto' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the active line changes, not when rows arrive above it
  }, [active?.key]);
  useEffect(() => {
    if (!editing && active && document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, [editing, active]);

  const template = useMemo(() => columns.map((column) => `${column.width}px`).join(' '), [columns]);
  const width = columns.reduce((sum, column) => sum + column.width, 0);

  const onKeyDown = (event: KeyboardEvent) => {
    if (editing || event.target !== box.current || event.altKey) return;
    const moved = nextCell(event, items, columns, active);
    if (moved) {
      event.preventDefault();
      if (event.shiftKey && moved.row && active && moved.cell.key !== active.key) commands.selectRange(moved.row);
      setActive(moved.cell);
      return;
    }
    const item = items[position];
    if (item?.kind === 'group' && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      model.toggleGroup(item.group.key);
    }
    if (item?.kind !== 'row') return;
    if (event.key === ' ') {
      event.preventDefault();
      commands.toggle(item.row.id);
    } else if (event.key === 'F2' || (event.key === 'Enter' && active!.column !== columns[0]!.name && canEdit(item.row, active!.column))) {
      event.preventDefault();
      setEditing(true);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      commands.openPage(item.row, event.ctrlKey || event.metaKey);
    } else if (event.key === 'c' && (event.ctrlKey || event.metaKey)) {
      if (window.getSelection()?.toString()) return;
      event.preventDefault();
      commands.copy(active!);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commands.selectShown();
    }
  };
  const canEdit = (row: RecordData, column: string) => canWrite && canEditCell(model.entity, row, columns.find((entry) => entry.name === column));
  const [dragged, setDragged] = useState<{ from: number; to: number } | null>(null);

  return (
    <div
      ref={box}
      className={classes.grid}
      role="grid"
      tabIndex={0}
      aria-label={model.state.view.name}
      aria-rowcount={model.total?.exact ? model.total.value + 1 : -1}
      aria-colcount={columns.length}
      aria-multiselectable
      aria-activedescendant={active ? `cell-${active.key}-${active.column}` : undefined}
      aria-busy={model.stale || undefined}
      data-stale={model.stale || undefined}
      style={{ '--columns': template, '--row': `${rowHeight}px`, '--first': `${columns[0]?.width ?? 0}px` } as React.CSSProperties}
      onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const firstRow = items.find((item) => item.kind === 'row');
        if (event.target === box.current && !active && firstRow && event.target.matches(':focus-visible')) setActive({ key: firstRow.key, column: columns[0]!.name });
      }}
    >
      <div className={classes.canvas} style={{ minWidth: width }}>
        <GridHeader model={model} selection={selection} commands={commands} dragged={dragged} setDragged={setDragged} />
        {model.pending ? (
          <SkeletonRows height={rowHeight} rows={16} />
        ) : (
          <div className={classes.rows} style={{ height: virtual.getTotalSize() }} role="rowgroup">
            {lines.map((line) => {
              const item = items[line.index]!;
              if (item.kind === 'group') {
                return <GridGroup key={line.key} item={item} top={line.start} columns={columns} summed={model.summed} active={active?.key === item.key} toggle={model.toggleGroup} />;
              }
              if (item.kind === 'more') return <GridMore key={line.key} top={line.start} state={item.state} retry={() => model.loadMore(item.segment)} />;
              const isActive = active?.key === item.key;
              return (
                <GridRow
                  key={line.key}
                  entity={model.entity}
                  itemKey={item.key}
                  row={item.row}
                  index={item.index}
                  top={line.start}
                  columns={columns}
                  edits={model.edits}
                  selected={isSelected(selection, item.row.id)}
                  open={open === item.row.id}
                  activeColumn={isActive ? active.column : null}
                  editing={isActive && editing}
                  canWrite={canWrite}
                  commands={commands}
                  setActive={setActive}
                  setEditing={setEditing}
                />
              );
            })}
          </div>
        )}
        <div className={classes.filler} />
        <GridFooter model={model} label={t('lists.footer')} />
      </div>
    </div>
  );
}
