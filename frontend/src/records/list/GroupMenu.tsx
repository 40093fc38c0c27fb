import { ActionIcon, Button } from '@mantine/core';
import { IconLayoutRows } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { AttributePicker } from '../filter/AttributePicker';
import { Dropdown } from '../filter/Dropdown';
import { canGroup } from './grouping';

interface Props {
  entity: Entity;
  groupBy: string | null;
  onChange: (name: string | null) => void;
  compact: boolean;
}

/** Put rows with the same value together, with their count and sums. */
export function GroupMenu({ entity, groupBy, onChange, compact }: Props) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const attribute = groupBy ? attributeOf(entity, groupBy) : undefined;
  const toggle = () => setOpened(!opened);
  return (
    <Dropdown
      opened={opened}
      onClose={() => setOpened(false)}
      label={t('lists.group')}
      width={280}
      position="bottom-end"
      target={
        compact ? (
          <ActionIcon variant={attribute ? 'light' : 'subtle'} color={attribute ? undefined : 'gray'} size={28} aria-label={t('lists.group')} onClick={toggle}>
            <IconLayoutRows size={16} stroke={1.75} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconLayoutRows size={16} stroke={1.75} />} aria-expanded={opened} onClick={toggle} maw={200}>
            <span className="k-truncate" style={{ lineHeight: '20px' }}>{attribute ? t('lists.group.by', { label: attribute.label }) : t('lists.group')}</span>
          </Button>
        )
      }
    >
      <AttributePicker
        entity={entity}
        allow={canGroup}
        steps={0}
        onPick={(path) => {
          onChange(path);
          setOpened(false);
        }}
        above={
          attribute && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              fullWidth
              justify="flex-start"
              onClick={() => {
                onChange(null);
                setOpened(false);
              }}
            >
              {t('lists.group.stop')}
            </Button>
          )
        }
      />
    </Dropdown>
  );
}
