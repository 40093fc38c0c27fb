import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconLayoutColumns } from '@tabler/icons-react';

import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { boardAttribute, boardAttributes } from './columns';

interface Props {
  entity: Entity;
  attribute: string | null;
  compact: boolean;
  onChange: (attribute: string) => void;
}

/** Which option field the columns of the board are. */
export function BoardAttributeMenu({ entity, attribute, compact, onChange }: Props) {
  const t = useT();
  const choices = boardAttributes(entity);
  const current = boardAttribute(entity, attribute);
  if (choices.length < 2) return null;
  const label = t('lists.board.by', { label: attributeOf(entity, current)?.label ?? current });
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        {compact ? (
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} title={label}>
            <IconLayoutColumns size={16} stroke={1.75} />
          </ActionIcon>
        ) : (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconLayoutColumns size={16} stroke={1.75} />}>
            {label}
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((name) => (
          <Menu.Item key={name} role="menuitemradio" aria-checked={name === current} fw={name === current ? 600 : undefined} onClick={() => onChange(name)}>
            {attributeOf(entity, name)?.label ?? name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
