import { ActionIcon, Menu } from '@mantine/core';
import { IconAlertTriangle, IconClockHour4, IconDots } from '@tabler/icons-react';
import { memo, useEffect, useRef, type PointerEvent } from 'react';

import type { BoardColumn, RecordData } from '@/api';
import { asRef, formatValue, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, recordName, recordPath, type Attribute, type Entity } from '@/metadata';
import { Avatar, today } from '@/ui';
import classes from './board.module.css';
import { ageOf, daysSince, type ColumnValue } from './columns';

export interface BoardCardProps {
  entity: Entity;
  row: RecordData;
  attributes: string[];
  entered: string | null;
  columns: BoardColumn[];
  value: ColumnValue;
  focused: boolean;
  open: boolean;
  dragged: boolean;
  gliding: boolean;
  canMove: boolean;
  drops: { action: string; label: string }[];
  onOpen: (row: RecordData) => void;
  onMove: (id: string, to: ColumnValue) => void;
  onAction: (row: RecordData, action: string) => void;
  onFocus: (id: string) => void;
  onGlided: () => void;
  onPointerDown: (event: PointerEvent<HTMLElement>, id: string) => void;
}

const isDate = (attribute: Attribute) => attribute.type === 'date' || attribute.type === 'datetime';

/** A date in the past says that something is late. */
const isLate = (attribute: Attribute, value: unknown) => isDate(attribute) && typeof value === 'string' && !/^(created|modified|actual)/.test(attribute.name) && value.slice(0, 10) < today();

function Line({ entity, row, names }: { entity: Entity; row: RecordData; names: string[] }) {
  const t = useT();
  const parts = names.map((name) => attributeOf(entity, name)!).filter((attribute) => !isEmpty(row[attribute.name]) && !row.masked?.includes(attribute.name));
  if (!parts.length) return null;
  return (
    <div className={classes.line}>
      {parts.map((attribute) => {
        const late = isLate(attribute, row[attribute.name]);
        return (
          <span key={attribute.name} className={attribute.type === 'money' ? classes.amount : 'k-truncate'} data-late={late || undefined} title={late ? `${attribute.label}: ${t('lists.board.overdue')}` : attribute.label}>
            {late && <IconAlertTriangle size={16} stroke={1.75} aria-label={t('lists.board.overdue')} />}
            {formatValue(attribute, row[attribute.name], { record: row, entity })}
          </span>
        );
      })}
    </div>
  );
}

export const BoardCard = memo(function BoardCard(props: BoardCardProps) {
  const { entity, row, attributes, entered, columns, value, focused, open, dragged, gliding, canMove, drops, onOpen, onMove, onAction, onFocus, onGlided, onPointerDown } = props;
  const t = useT();
  const element = useRef<HTMLElement>(null);
  const name = recordName(entity, row) || t('lists.unnamed');
  const owner = attributes.includes('owner') ? asRef(row.owner) : null;
  const known = attributes.map((entry) => attributeOf(entity, entry)!);
  const main = known.filter((attribute) => ['lookup', 'customer', 'regarding', 'text'].includes(attribute.type)).map((attribute) => attribute.name);
  const rest = known.filter((attribute) => !main.includes(attribute.name) && attribute.name !== 'owner').map((attribute) => attribute.name);
  const days = entered ? daysSince(row[entered]) : null;
  const age = ageOf(days);

  useEffect(() => {
    if (focused && document.activeElement !== element.current && document.activeElement?.closest('[data-board]')) element.current?.focus();
  }, [focused]);
  useEffect(() => {
    if (!gliding) return;
    // Comes back visibly, so that one sees where it went.
    const animation = element.current?.animate?.([{ transform: 'translateX(24px)', opacity: 0.4 }, { transform: 'none', opacity: 1 }], { duration: 150, easing: 'ease-out' });
    if (!animation) return onGlided();
    animation.onfinish = onGlided;
  }, [gliding, onGlided]);

  return (
    <article
      ref={element}
      className={classes.card}
      data-card={row.id}
      data-open={open || undefined}
      data-dragged={dragged || undefined}
      tabIndex={focused ? 0 : -1}
      aria-label={name}
      onFocus={() => onFocus(row.id)}
      onPointerDown={(event) => canMove && onPointerDown(event, row.id)}
    >
      <div className={classes.top}>
        <a
          className={classes.name}
          href={recordPath(entity.plural, row.id)}
          tabIndex={-1}
          draggable={false}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onOpen(row);
          }}
        >
          {name}
        </a>
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon className={classes.menu} size={24} variant="subtle" color="gray" tabIndex={focused ? 0 : -1} aria-label={t('lists.board.cardMenu', { name })}>
              <IconDots size={16} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onOpen(row)}>{t('lists.board.open')}</Menu.Item>
            {canMove && (
              <>
                <Menu.Label>{t('lists.board.moveTo')}</Menu.Label>
                {columns
                  .filter((column) => column.value !== null)
                  .map((column) => (
                    <Menu.Item key={String(column.value)} disabled={column.value === value} onClick={() => onMove(row.id, column.value)}>
                      {column.label}
                    </Menu.Item>
                  ))}
                {drops.length > 0 && <Menu.Divider />}
                {drops.map((drop) => (
                  <Menu.Item key={drop.action} onClick={() => onAction(row, drop.action)}>
                    {drop.label}…
                  </Menu.Item>
                ))}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Line entity={entity} row={row} names={main} />
      <div className={classes.bottom}>
        <Line entity={entity} row={row} names={rest} />
        <span style={{ flex: 1 }} />
        {days !== null && age !== 'fresh' && (
          <span className={classes.age} data-age={age} title={t('lists.board.daysIn', { count: days })}>
            <IconClockHour4 size={16} stroke={1.75} aria-hidden />
            {t('lists.board.daysShort', { count: days })}
          </span>
        )}
        {owner && <Avatar name={owner.name} size={20} square={owner.object === 'team'} />}
      </div>
    </article>
  );
});
