/** The list on a phone: two lines per record, a tap opens it, a long press or the box selects. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconChevronRight } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef } from 'react';

import type { RecordData } from '@/api';
import { FieldCell, formatValue, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import { recordName, type Entity } from '@/metadata';
import { Chip, formatNumber, SkeletonRows } from '@/ui';
import type { Column } from './columns';
import type { ListCommands } from './commands';
import { TotalCount } from './GridFooter';
import classes from './PhoneList.module.css';
import { isNothing, isSelected, type Selection } from './selection';
import type { ListModel } from './useListModel';

const ROW_PX = 60;
const GROUP_PX = 36;
const AHEAD = 20;

interface Props {
  model: ListModel;
  selection: Selection;
  commands: ListCommands;
  initialScroll: number;
  onScroll: (top: number) => void;
}

/** The column at the right of the first line: the first amount, else nothing. */
const amountOf = (columns: Column[]): Column | undefined => columns.find((column, index) => index > 0 && column.numeric && column.attribute);

/** Chips say most in little room: state, stage. */
const isChip = (column: Column) => !!column.attribute && ['pick', 'state', 'status_reason'].includes(column.attribute.type);

/** What else tells the record apart; bare numbers say nothing without their heading. */
function facts(entity: Entity, columns: Column[], row: RecordData): string {
  return columns
    .filter((column, index) => index > 0 && !column.numeric && column.attribute && !isChip(column) && !isEmpty(row[column.name]))
    .slice(0, 3)
    .map((column) => formatValue(column.attribute!, row[column.name], { record: row, entity }))
    .filter(Boolean)
    .join(' · ');
}

export function PhoneList({ model, selection, commands, initialScroll, onScroll }: Props) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const { items, columns, entity } = model;
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (items[index]?.kind === 'group' ? GROUP_PX : ROW_PX),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 8,
    initialOffset: initialScroll,
  });
  const restored = useRef(initialScroll === 0);
  useLayoutEffect(() => {
    if (restored.current || !items.length || !box.current) return;
    restored.current = true;
    box.current.scrollTop = initialScroll;
  }, [items.length, initialScroll]);
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
  const amount = amountOf(columns);
  const chip = columns.find((column, index) => index > 0 && isChip(column));
  const selecting = !isNothing(selection);
  const press = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  if (model.pending) return <SkeletonRows height={ROW_PX} rows={10} />;
  return (
    <div ref={box} className={classes.list} data-stale={model.stale || undefined} onScroll={(event) => onScroll(event.currentTarget.scrollTop)}>
      <div className={classes.count}>
        <TotalCount model={model} />
      </div>
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }} aria-label={model.state.view.name}>
        {lines.map((line) => {
          const item = items[line.index]!;
          const style = { transform: `translateY(${line.start}px)`, height: line.size };
          if (item.kind === 'group') {
            return (
              <li key={line.key} className={classes.group} style={style}>
                <button type="button" aria-expanded={!item.collapsed} onClick={() => model.toggleGroup(item.group.key)}>
                  <IconChevronRight size={16} stroke={1.75} style={{ transform: item.collapsed ? undefined : 'rotate(90deg)' }} aria-hidden />
                  {item.group.color ? <Chip label={item.group.label} color={item.group.color} /> : item.group.label}
                  <span className="k-meta k-num">{formatNumber(item.group.count)}</span>
                </button>
              </li>
            );
          }
          if (item.kind === 'more') return <li key={line.key} className={classes.more} style={style}>{item.state === 'error' ? <button type="button" onClick={() => model.loadMore(item.segment)}>{t('ui.retry')}</button> : `${t('ui.loading')}…`}</li>;
          const { row } = item;
          const selected = isSelected(selection, row.id);
          const name = recordName(entity, row) || t('lists.unnamed');
          return (
            <li key={line.key} className={classes.row} style={style} data-selected={selected || undefined}>
              {selecting && (
                <label className={classes.check}>
                  <input type="checkbox" checked={selected} aria-label={t('lists.row.select', { name })} onChange={() => commands.toggle(row.id)} />
                </label>
              )}
              <a
                className={classes.link}
                href={commands.hrefOf(row)}
                onClick={(event) => {
                  event.preventDefault();
                  if (selecting) commands.toggle(row.id);
                  else commands.openPage(row, event.ctrlKey || event.metaKey);
                }}
                onContextMenu={(event) => event.preventDefault()}
                onTouchStart={() => (press.current = setTimeout(() => commands.toggle(row.id), 450))}
                onTouchMove={() => clearTimeout(press.current)}
                onTouchEnd={() => clearTimeout(press.current)}
              >
                <span className={classes.first}>
                  <span className={classes.name}>{name}</span>
                  {amount && !isEmpty(row[amount.name]) && <span className="k-num">{formatValue(amount.attribute!, row[amount.name], { record: row, entity })}</span>}
                </span>
                <span className={classes.second}>
                  <span className="k-truncate">{facts(entity, columns, row)}</span>
                  {chip && !isEmpty(row[chip.name]) && <FieldCell attribute={chip.attribute!} value={row[chip.name]} record={row} entity={chip.own ? entity : undefined} />}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
