import { Menu } from '@mantine/core';
import {
  IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconChevronDown, IconEyeOff, IconFilter, IconLayoutRows, IconMathSymbols, IconSortAscending, IconSortDescending,
  IconArrowAutofitWidth, IconArrowsHorizontal,
} from '@tabler/icons-react';
import { useRef, type PointerEvent } from 'react';

import { useT } from '@/i18n';
import type { Column } from './columns';
import type { ListCommands } from './commands';
import classes from './Grid.module.css';
import { canGroup } from './grouping';
import { headerState, type Selection } from './selection';
import type { ListModel } from './useListModel';

export interface Drag {
  from: number;
  to: number;
}

interface Props {
  model: ListModel;
  selection: Selection;
  commands: ListCommands;
  dragged: Drag | null;
  setDragged: (drag: Drag | null) => void;
}

const ICON = { size: 16, stroke: 1.75 } as const;
const DRAG_FROM_PX = 6;
const WIDTH_STEP = 40;

function SelectAll({ model, selection, commands }: Pick<Props, 'model' | 'selection' | 'commands'>) {
  const t = useT();
  const state = headerState(selection, model.rows.map((row) => row.id));
  return (
    <label className={classes.check} data-header>
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={t('lists.selectShown')}
        checked={state === 'all'}
        ref={(element) => {
          if (element) element.indeterminate = state === 'some';
        }}
        onChange={() => (state === 'none' ? commands.selectShown() : commands.clearSelection())}
      />
    </label>
  );
}

function ColumnMenu({ model, column, index, commands }: { model: ListModel; column: Column; index: number; commands: ListCommands }) {
  const t = useT();
  const { attribute } = column;
  const canSum = column.own && attribute?.aggregates.includes('sum');
  const summed = model.summed.includes(column.name);
  return (
    <Menu position="bottom-start" width={220} withinPortal>
      <Menu.Target>
        <button type="button" className={classes.menuButton} tabIndex={-1} aria-label={t('lists.column.menu', { label: column.label })}>
          <IconChevronDown size={16} stroke={1.75} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {attribute?.sortable && (
          <>
            <Menu.Item leftSection={<IconSortAscending {...ICON} />} onClick={() => commands.setSort(column.name, false)}>
              {t('lists.sort.ascending')}
            </Menu.Item>
            <Menu.Item leftSection={<IconSortDescending {...ICON} />} onClick={() => commands.setSort(column.name, true)}>
              {t('lists.sort.descending')}
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        {attribute?.filterable && (
          <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={() => commands.filterBy(column.name)}>
            {t('lists.column.filter')}
          </Menu.Item>
        )}
        {column.own && attribute && canGroup(attribute) && (
          <Menu.Item leftSection={<IconLayoutRows {...ICON} />} onClick={() => commands.groupBy(model.state.groupBy === column.name ? null : column.name)}>
            {model.state.groupBy === column.name ? t('lists.group.stop') : t('lists.column.group')}
          </Menu.Item>
        )}
        {canSum && (
          <Menu.Item leftSection={<IconMathSymbols {...ICON} />} onClick={() => commands.toggleSum(column.name)}>
            {summed ? t('lists.column.noSum') : t('lists.column.sum')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconArrowsHorizontal {...ICON} />} closeMenuOnClick={false} onClick={() => commands.resize(column.name, column.width + WIDTH_STEP)}>
          {t('lists.column.wider')}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowAutofitWidth {...ICON} />} closeMenuOnClick={false} onClick={() => commands.resize(column.name, column.width - WIDTH_STEP)}>
          {t('lists.column.narrower')}
        </Menu.Item>
        {index > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconArrowLeft {...ICON} />} disabled={index === 1} closeMenuOnClick={false} onClick={() => commands.move(index, index - 1)}>
              {t('lists.column.left')}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowRight {...ICON} />} disabled={index === model.columns.length - 1} closeMenuOnClick={false} onClick={() => commands.move(index, index + 1)}>
              {t('lists.column.right')}
            </Menu.Item>
            <Menu.Item leftSection={<IconEyeOff {...ICON} />} onClick={() => commands.hide(column.name)}>
              {t('lists.column.hide')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Drags the right edge of a column; the width is shown at once and kept when the pointer is let go. */
function Resizer({ column, commands }: { column: Column; commands: ListCommands }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  return (
    <span
      className={classes.resizer}
      aria-hidden
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: column.width };
      }}
      onPointerMove={(event) => {
        if (start.current) commands.resize(column.name, start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => (start.current = null)}
      onDoubleClick={(event) => {
        event.stopPropagation();
        commands.resize(column.name, null);
      }}
      onClick={(event) => event.stopPropagation()}
    />
  );
}

export function GridHeader({ model, selection, commands, dragged, setDragged }: Props) {
  const t = useT();
  const { columns, state } = model;
  const press = useRef<{ index: number; x: number; moved: boolean } | null>(null);
  const cells = useRef<(HTMLDivElement | null)[]>([]);

  const targetAt = (x: number, from: number) => {
    let to = from;
    cells.current.forEach((cell, index) => {
      if (!cell || index === 0) return;
      const { left, width } = cell.getBoundingClientRect();
      if (index < from && x < left + width / 2) to = Math.min(to, index);
      if (index > from && x > left + width / 2) to = Math.max(to, index);
    });
    return to;
  };
  const onPointerMove = (event: PointerEvent) => {
    const pressed = press.current;
    if (!pressed || pressed.index === 0) return;
    if (!pressed.moved && Math.abs(event.clientX - pressed.x) < DRAG_FROM_PX) return;
    if (!pressed.moved) event.currentTarget.setPointerCapture(event.pointerId);
    pressed.moved = true;
    setDragged({ from: pressed.index, to: targetAt(event.clientX, pressed.index) });
  };
  const onPointerUp = () => {
    if (dragged && dragged.to !== dragged.from) commands.move(dragged.from, dragged.to);
    setDragged(null);
    setTimeout(() => (press.current = null), 0);
  };

  return (
    <div className={classes.header} role="row" aria-rowindex={1}>
      {columns.map((column, index) => {
        const at = state.order.findIndex((entry) => entry.replace(/^-/, '') === column.name);
        const descending = at >= 0 && state.order[at]!.startsWith('-');
        const sortable = column.attribute?.sortable === true;
        return (
          <div
            key={column.name}
            ref={(element) => {
              cells.current[index] = element;
            }}
            role="columnheader"
            aria-colindex={index + 1}
            aria-sort={at < 0 ? undefined : descending ? 'descending' : 'ascending'}
            className={index === 0 ? classes.first : classes.cell}
            data-numeric={column.numeric || undefined}
            data-dragged={dragged?.from === index || undefined}
            data-drop={dragged && dragged.to === index && dragged.to !== dragged.from ? (dragged.to < dragged.from ? 'before' : 'after') : undefined}
            onPointerDown={(event) => {
              if (event.button === 0 && !(event.target as HTMLElement).closest('input, [role=menuitem]')) press.current = { index, x: event.clientX, moved: false };
            }}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={onPointerUp}
          >
            {index === 0 && <SelectAll model={model} selection={selection} commands={commands} />}
            <button
              type="button"
              className={classes.headerLabel}
              tabIndex={-1}
              disabled={!sortable}
              title={column.label}
              onClick={(event) => {
                if (!press.current?.moved) commands.toggleSort(column.name, event.shiftKey);
              }}
            >
              <span className="k-truncate">{column.attribute ? column.label : t('lists.column.goneName', { name: column.name })}</span>
              {at >= 0 && (descending ? <IconArrowDown size={16} stroke={1.75} aria-hidden /> : <IconArrowUp size={16} stroke={1.75} aria-hidden />)}
              {at >= 0 && state.order.length > 1 && <span className={classes.sortRank}>{at + 1}</span>}
            </button>
            <ColumnMenu model={model} column={column} index={index} commands={commands} />
            <Resizer column={column} commands={commands} />
          </div>
        );
      })}
    </div>
  );
}
