/** Which columns a list shows and in which order: drag, or Alt with the arrow keys, or the arrows beside each. */
import { ActionIcon, Button, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3, IconGripVertical, IconPlus, IconX } from '@tabler/icons-react';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

import { useT } from '@/i18n';
import type { Attribute, Entity } from '@/metadata';
import { AttributePicker } from '../filter/AttributePicker';
import { Dropdown } from '../filter/Dropdown';
import classes from './toolbar.module.css';
import { moved, type Column } from './columns';

interface Props {
  entity: Entity;
  columns: Column[];
  onChange: (names: string[]) => void;
  compact: boolean;
}

const ROW_PX = 32;
const visible = (attribute: Attribute) => !['regarding_id'].includes(attribute.name) && attribute.type !== 'file';

export function ColumnChooser({ entity, columns, onChange, compact }: Props) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const [adding, setAdding] = useState(false);
  return (
    <Dropdown
      opened={opened}
      onClose={() => {
        setOpened(false);
        setAdding(false);
      }}
      label={t('lists.columns')}
      width={300}
      position="bottom-end"
      target={
        compact ? (
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('lists.columns')} onClick={() => setOpened(!opened)}>
            <IconColumns3 size={16} stroke={1.75} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconColumns3 size={16} stroke={1.75} />} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {t('lists.columns')}
          </Button>
        )
      }
    >
      {adding ? (
        <>
          <AttributePicker
            entity={entity}
            steps={2}
            allow={visible}
            onPick={(path) => {
              if (!columns.some((column) => column.name === path)) onChange([...columns.map((column) => column.name), path]);
              setAdding(false);
            }}
          />
          <Button mt={8} size="xs" variant="subtle" color="gray" onClick={() => setAdding(false)}>
            {t('ui.back')}
          </Button>
        </>
      ) : (
        <>
          <ColumnList columns={columns} onChange={onChange} />
          <Button mt={6} size="xs" variant="subtle" fullWidth justify="flex-start" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setAdding(true)}>
            {t('lists.columns.add')}
          </Button>
        </>
      )}
    </Dropdown>
  );
}

function ColumnList({ columns, onChange }: Pick<Props, 'columns' | 'onChange'>) {
  const t = useT();
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const start = useRef(0);
  const list = useRef<HTMLUListElement>(null);
  const names = columns.map((column) => column.name);
  const shown = drag ? moved(columns, drag.from, drag.to) : columns;

  const move = (from: number, to: number) => {
    onChange(moved(names, from, to));
    // The focus goes with the column.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>('[data-handle]')[to]?.focus());
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (event.altKey) move(index, Math.max(1, Math.min(columns.length - 1, index + step)));
    else list.current?.querySelectorAll<HTMLElement>('[data-handle]')[index + step]?.focus();
  };
  const grab = (event: PointerEvent<HTMLElement>, index: number) => {
    if (index === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = event.clientY;
    setDrag({ from: index, to: index });
  };
  return (
    <ul className={classes.columns} ref={list}>
      {shown.map((column) => {
        const index = names.indexOf(column.name);
        return (
          <li key={column.name} className={classes.column} data-dragged={drag?.from === index || undefined}>
            <UnstyledButton
              data-handle
              className={classes.handle}
              disabled={index === 0}
              aria-label={t('lists.columns.move', { label: column.label })}
              title={index === 0 ? undefined : t('lists.columns.moveHint')}
              onKeyDown={(event) => onKeyDown(event, index)}
              onPointerDown={(event) => grab(event, index)}
              onPointerMove={(event) => {
                if (drag) setDrag({ ...drag, to: Math.max(1, Math.min(columns.length - 1, drag.from + Math.round((event.clientY - start.current) / ROW_PX))) });
              }}
              onPointerUp={() => {
                if (drag && drag.from !== drag.to) onChange(moved(names, drag.from, drag.to));
                setDrag(null);
              }}
              onPointerCancel={() => setDrag(null)}
            >
              <IconGripVertical size={16} stroke={1.75} aria-hidden />
            </UnstyledButton>
            <span className="k-truncate" style={{ flex: 1 }} title={column.label}>
              {column.attribute ? column.label : t('lists.column.goneName', { name: column.name })}
            </span>
            {index > 0 && (
              <>
                <ActionIcon size={24} variant="subtle" color="gray" className={classes.hover} disabled={index === 1} aria-label={t('lists.columns.up', { label: column.label })} onClick={() => move(index, index - 1)}>
                  <IconArrowUp size={16} stroke={1.75} />
                </ActionIcon>
                <ActionIcon size={24} variant="subtle" color="gray" className={classes.hover} disabled={index === columns.length - 1} aria-label={t('lists.columns.down', { label: column.label })} onClick={() => move(index, index + 1)}>
                  <IconArrowDown size={16} stroke={1.75} />
                </ActionIcon>
                <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('lists.columns.hide', { label: column.label })} onClick={() => onChange(names.filter((name) => name !== column.name))}>
                  <IconX size={16} stroke={1.75} />
                </ActionIcon>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
