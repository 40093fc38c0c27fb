import { useT } from '@/i18n';
import { hasFeature, useCapability, usePrivilege, type Action } from '@/metadata';
import { Icon, Keys, toast } from '@/ui';
import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowMerge, IconArrowUpRight, IconCopy, IconDots, IconHistory, IconLink, IconPencil, IconShare, IconTrash, IconUserShield } from '@tabler/icons-react';
import type { ActionRunner } from '../actions';
import { useOpenRecord } from './RecordContext';

/** These have a dialog of their own, with what is shared already. */
const SHARING = ['share', 'unshare'];

export interface RecordMenuProps {
  menu: Action[];
  runner: ActionRunner;
  /** Absent where the record may not be edited. */
  onEdit?: () => void;
  onDuplicate: () => void;
  onMerge: () => void;
  onHistory: () => void;
  /** Who sees the record and why, and sharing it. */
  onAccess: () => void;
  /** What is held on the person; only where records are people. */
  onPersonal: () => void;
  onDelete: () => void;
  /** In the side panel: open the whole page. */
  onOpenPage?: () => void;
}

/** Everything that is not the next step: edit, duplicate, merge, the remaining actions, history, link, delete. */
export function RecordMenu({ menu, runner, onEdit, onDuplicate, onMerge, onHistory, onAccess, onPersonal, onDelete, onOpenPage }: RecordMenuProps) {
  const t = useT();
  const { entity, record, access, editability } = useOpenRecord();
  const mayCreate = usePrivilege(entity.name, 'create');
  const mayAsk = useCapability('personal_data');
  const mergeable = hasFeature(entity, 'merge') || hasFeature(entity, 'duplicates');
  const copyLink = async () => {
    try {
      await navigator.clipboard.writeText(`${window.location.origin}/${entity.plural}/${record.id}`);
      toast({ message: t('record.menu.linkCopied') });
    } catch {
      toast({ kind: 'error', message: t('record.menu.linkNotCopied') });
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size={32} aria-label={t('ui.more')}>
          <IconDots size={18} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown miw={200}>
        {onOpenPage && (
          <Menu.Item leftSection={<IconArrowUpRight size={16} stroke={1.75} />} onClick={onOpenPage}>
            {t('record.menu.openPage')}
          </Menu.Item>
        )}
        {onEdit && (
          <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} rightSection={<Keys keys="e" />} onClick={onEdit}>
            {t('record.menu.editAll')}
          </Menu.Item>
        )}
        {mayCreate && hasFeature(entity, 'quick_create') && (
          <Menu.Item leftSection={<IconCopy size={16} stroke={1.75} />} onClick={onDuplicate}>
            {t('record.menu.duplicate')}
          </Menu.Item>
        )}
        {menu.filter((action) => !SHARING.includes(action.name)).map((action) => (
          <Menu.Item key={action.name} leftSection={<Icon name={action.icon} />} color={action.destructive ? 'red' : undefined} onClick={() => runner.start(action)}>
            {action.label}
          </Menu.Item>
        ))}
        {mergeable && access.write && !editability.closed && (
          <Menu.Item leftSection={<IconArrowMerge size={16} stroke={1.75} />} onClick={onMerge}>
            {t('record.menu.merge')}
          </Menu.Item>
        )}
        {hasFeature(entity, 'audit') && (
          <Menu.Item leftSection={<IconHistory size={16} stroke={1.75} />} onClick={onHistory}>
            {t('record.menu.history')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconShare size={16} stroke={1.75} />} onClick={onAccess}>
          {t('record.menu.access')}
        </Menu.Item>
        {entity.person && mayAsk && (
          <Menu.Item leftSection={<IconUserShield size={16} stroke={1.75} />} onClick={onPersonal}>
            {t('record.menu.personal')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLink size={16} stroke={1.75} />} onClick={() => void copyLink()}>
          {t('record.menu.copyLink')}
        </Menu.Item>
        {access.delete && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={onDelete}>
              {t('ui.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
