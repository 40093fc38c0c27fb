/** Sort by several attributes: the first decides, the next ones break ties. */
import { ActionIcon, Button, Group, SegmentedControl } from '@mantine/core';
import { IconArrowsSort, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';
import type { Attribute, Entity } from '@/metadata';
import { AttributePicker } from '../filter/AttributePicker';
import { Dropdown } from '../filter/Dropdown';
import { resolvePath, type FindEntity } from '../filter/paths';
import classes from './toolbar.module.css';

interface Props {
  entity: Entity;
  order: string[];
  find: FindEntity;
  onChange: (order: string[]) => void;
  compact: boolean;
}

const MOST = 4;
const sortable = (attribute: Attribute) => attribute.sortable;

export function SortMenu({ entity, order, find, onChange, compact }: Props) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const [adding, setAdding] = useState(false);
  const label = (entry: string) => resolvePath(entity, entry.replace(/^-/, ''), find)?.labels.join(' · ') ?? entry.replace(/^-/, '');
  const text = order.length ? t('lists.sort.by', { label: label(order[0]!) }) : t('lists.sort');
  return (
    <Dropdown
      opened={opened}
      onClose={() => {
        setOpened(false);
        setAdding(false);
      }}
      label={t('lists.sort')}
      width={320}
      position="bottom-end"
      target={
        compact ? (
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('lists.sort')} onClick={() => setOpened(!opened)}>
            <IconArrowsSort size={16} stroke={1.75} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconArrowsSort size={16} stroke={1.75} />} aria-expanded={opened} onClick={() => setOpened(!opened)} maw={260}>
            <span className="k-truncate" style={{ lineHeight: '20px' }}>{text}</span>
          </Button>
        )
      }
    >
      {adding || !order.length ? (
        <AttributePicker
          entity={entity}
          allow={sortable}
          onPick={(path) => {
            onChange([...order.filter((entry) => entry.replace(/^-/, '') !== path), path]);
            setAdding(false);
          }}
        />
      ) : (
        <>
          {order.map((entry, index) => {
            const descending = entry.startsWith('-');
            const name = entry.replace(/^-/, '');
            return (
              <div key={name} className={classes.sortLine}>
                <span className="k-truncate" style={{ flex: 1 }} title={label(entry)}>
                  {label(entry)}
                </span>
                <SegmentedControl
                  size="xs"
                  aria-label={t('lists.sort.direction', { label: label(entry) })}
                  value={descending ? 'down' : 'up'}
                  onChange={(value) => onChange(order.with(index, value === 'down' ? `-${name}` : name))}
                  data={[
                    { value: 'up', label: t('lists.sort.up') },
                    { value: 'down', label: t('lists.sort.down') },
                  ]}
                />
                <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('lists.sort.remove', { label: label(entry) })} onClick={() => onChange(order.toSpliced(index, 1))}>
                  <IconX size={16} stroke={1.75} />
                </ActionIcon>
              </div>
            );
          })}
          <Group justify="space-between" mt={8}>
            <Button size="xs" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} disabled={order.length >= MOST} onClick={() => setAdding(true)}>
              {t('lists.sort.add')}
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => onChange([])}>
              {t('lists.sort.clear')}
            </Button>
          </Group>
        </>
      )}
    </Dropdown>
  );
}
