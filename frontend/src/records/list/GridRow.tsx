import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconChevronRight, IconLayoutSidebarRightExpand } from '@tabler/icons-react';
import { memo, useSyncExternalStore } from 'react';

import type { RecordData } from '@/api';
import { FieldCell } from '@/fields';
import { useT } from '@/i18n';
import { recordName, type Entity } from '@/metadata';
import { Chip, formatMoney, formatNumber } from '@/ui';
import { CellEditor } from './CellEditor';
import { CellFailurePopover } from './CellFailurePopover';
import type { Column } from './columns';
import type { ListCommands } from './commands';
import type { Cell } from './cursor';
import { canEditCell } from './editable';
import type { EditQueue } from './edits';
import classes from './Grid.module.css';
import type { Item } from './items';

export interface GridRowProps {
  entity: Entity;
  itemKey: string;
  row: RecordData;
  index: number;
  top: number;
  columns: Column[];
  edits: EditQueue;
  selected: boolean;
  open: boolean;
  activeColumn: string | null;
  editing: boolean;
  canWrite: boolean;
  commands: ListCommands;
  setActive: (cell: Cell | null) => void;
  setEditing: (editing: boolean) => void;
}

/** The name: a link that opens the record beside the list, or in a new tab with Ctrl. */
function NameCell({ entity, row, column, commands }: Pick<GridRowProps, 'entity' | 'row' | 'commands'> & { column: Column }) {
  const t = useT();
  const name = recordName(entity, row) || t('lists.unnamed');
  return (
    <>
      <a
        className={classes.name}
        href={commands.hrefOf(row)}
        tabIndex={-1}
        title={name}
        data-masked={row.masked?.includes(column.name) || undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          commands.openPanel(row);
        }}
      >
        {name}
      </a>
      <Tooltip label={t('lists.row.panel')}>
        <ActionIcon className={classes.peek} variant="default" size={24} tabIndex={-1} aria-label={t('lists.row.panel')} onClick={() => commands.openPanel(row)}>
          <IconLayoutSidebarRightExpand size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

function Content({ entity, row, column, commands, first }: Pick<GridRowProps, 'entity' | 'row' | 'commands'> & { column: Column; first: boolean }) {
  const t = useT();
  if (first) return <NameCell entity={entity} row={row} column={column} commands={commands} />;
  if (!column.attribute) return <span className={classes.gone}>{t('lists.column.gone')}</span>;
  // A path's value lies under the whole path; its own name would look for the mask and the currency of this record.
  const attribute = column.own ? column.attribute : { ...column.attribute, name: column.name };
  return <FieldCell attribute={attribute} value={row[column.name]} record={row} entity={column.own ? entity : undefined} />;
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { entity, itemKey, row, index, top, columns, edits, selected, open, activeColumn, editing, canWrite, commands, setActive, setEditing } = props;
  const t = useT();
  useSyncExternalStore(edits.subscribe, () => edits.stampOf(row.id));
  return (
    <div className={classes.row} role="row" aria-rowindex={index + 2} aria-selected={selected} data-selected={selected || undefined} data-open={open || undefined} style={{ transform: `translateY(${top}px)` }}>
      {columns.map((column, at) => {
        const first = at === 0;
        const active = activeColumn === column.name;
        const failure = edits.failure(row.id, column.name);
        const editable = canWrite && canEditCell(entity, row, column);
        return (
          <div
            key={column.name}
            id={active ? `cell-${itemKey}-${column.name}` : undefined}
            role="gridcell"
            aria-colindex={at + 1}
            aria-readonly={!editable || undefined}
            aria-invalid={!!failure || undefined}
            className={first ? classes.first : classes.cell}
            data-active={active || undefined}
            data-row-active={first && activeColumn !== null ? true : undefined}
            data-failed={!!failure || undefined}
            data-saving={edits.isSaving(row.id, column.name) || undefined}
            data-numeric={column.numeric || undefined}
            onMouseDown={(event) => {
              // Keep the focus on the grid, where the keys are read, unless a control inside the cell was pressed.
              if (event.button !== 0 || (event.target as HTMLElement).closest('a, button, input, textarea, [data-portal]')) return;
              setEditing(false);
              setActive({ key: itemKey, column: column.name });
            }}
            onDoubleClick={(event) => {
              if (!editable || editing || (event.target as HTMLElement).closest('a, button')) return;
              setActive({ key: itemKey, column: column.name });
              setEditing(true);
            }}
          >
            {first && (
              <label className={classes.check} onMouseDown={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
                <input
                  type="checkbox"
                  tabIndex={-1}
                  checked={selected}
                  aria-label={t('lists.row.select', { name: recordName(entity, row) })}
                  onChange={() => undefined}
                  onClick={(event) => (event.shiftKey ? commands.selectRange(row) : commands.toggle(row.id))}
                />
              </label>
            )}
            {active && editing && editable ? (
              <CellEditor entity={entity} row={row} column={column} cell={{ key: itemKey, column: column.name }} commands={commands} initial={failure?.value} close={() => setEditing(false)} />
            ) : (
              <Content entity={entity} row={row} column={column} commands={commands} first={first} />
            )}
            {failure && !(active && editing) && (
              <CellFailurePopover
                failure={failure}
                column={column}
                retry={() => commands.save(row, column.name, failure.value)}
                edit={() => {
                  setActive({ key: itemKey, column: column.name });
                  setEditing(true);
                }}
                dismiss={() => edits.dismiss(row.id, column.name)}
              />
            )}
          </div>
        );
      })}
    </div>
  );
});

interface GridGroupProps {
  item: Extract<Item, { kind: 'group' }>;
  top: number;
  columns: Column[];
  summed: string[];
  active: boolean;
  toggle: (key: string) => void;
}

/** A group: its value, how many, and the sums below their columns. */
export const GridGroup = memo(function GridGroup({ item, top, columns, summed, active, toggle }: GridGroupProps) {
  const { group, collapsed } = item;
  return (
    <div className={classes.group} role="row" aria-expanded={!collapsed} style={{ transform: `translateY(${top}px)` }}>
      <div className={classes.first} role="rowheader" id={active ? `cell-${item.key}-${columns[0]!.name}` : undefined} data-active={active || undefined}>
        <button type="button" className={classes.toggle} tabIndex={-1} aria-expanded={!collapsed} onClick={() => toggle(group.key)}>
          <IconChevronRight size={16} stroke={1.75} className={classes.chevron} data-open={!collapsed || undefined} aria-hidden />
          {group.color ? <Chip label={group.label} color={group.color} /> : <span className="k-truncate">{group.label}</span>}
          <span className={classes.count}>{formatNumber(group.count)}</span>
        </button>
      </div>
      {columns.slice(1).map((column) => {
        const at = summed.indexOf(column.name);
        return (
          <div key={column.name} className={classes.cell} role="gridcell" data-numeric>
            {at >= 0 && <span className={classes.sum}>{formatSum(column, group.sums[at] ?? null)}</span>}
          </div>
        );
      })}
    </div>
  );
});

/** A sum under its column; money in the workspace's currency. */
export function formatSum(column: Column, value: string | number | null): string {
  if (value === null) return '';
  return column.attribute?.type === 'money' ? formatMoney(value) : formatNumber(value, column.attribute?.precision ?? null);
}

/** The last line while more rows are read. */
export function GridMore({ top, state, retry }: { top: number; state: 'idle' | 'loading' | 'error'; retry: () => void }) {
  const t = useT();
  return (
    <div className={classes.more} role="row" style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell" className={classes.moreCell}>
        {state === 'error' ? (
          <>
            <span role="alert">{t('lists.more.failed')}</span>
            <Button size="compact-xs" variant="subtle" onClick={retry}>
              {t('ui.retry')}
            </Button>
          </>
        ) : (
          <span>{t('ui.loading')}…</span>
        )}
      </div>
    </div>
  );
}
