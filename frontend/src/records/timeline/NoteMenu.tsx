import { deleteRecord, errorMessage, restoreRecycled, type TimelineItem } from '@/api';
import { useT } from '@/i18n';
import { usePrivilege } from '@/metadata';
import { toast } from '@/ui';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { refreshRecord } from '../record/cache';
import { useOpenRecord } from '../record/RecordContext';
import classes from './timeline.module.css';

/** What can be done with a note: delete it, with undo. The server refuses notes of others without the right. */
export function NoteMenu({ item }: { item: TimelineItem }) {
  const t = useT();
  const client = useQueryClient();
  const { entity, record } = useOpenRecord();
  const mayDelete = usePrivilege('note', 'delete');
  if (!mayDelete) return null;
  const refresh = () => refreshRecord(client, entity.plural, record.id);
  const remove = async () => {
    try {
      await deleteRecord('notes', item.id);
      refresh();
      toast({ message: t('record.note.deleted'), undo: () => restoreRecycled('note', item.id).then(refresh, (error: unknown) => toast({ kind: 'error', message: errorMessage(error) })) });
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon className={classes.menu} variant="subtle" color="gray" size={24} aria-label={t('ui.more')}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void remove()}>
          {t('record.note.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
