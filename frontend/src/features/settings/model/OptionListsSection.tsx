import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconListDetails, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { dropChange, type SharedList } from '@/api/customization';
import { errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { DraftBar } from './DraftBar';
import { OptionListDialog } from './OptionListDialog';
import { OptionChips } from './SharedListField';
import { refreshDraft, useAddChange, useDraftChanges, useSharedLists } from './useDraft';

/** Option lists several fields share: own ones, and those of the product (PLT-4). */
export default function OptionListsSection() {
  const t = useT();
  const lists = useSharedLists();
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<SharedList | 'new' | null>(null);
  const wanted = text.trim().toLowerCase();
  const found = (lists.data ?? []).filter((list) => !wanted || [list.label, list.name, ...list.options.map((option) => option.label), ...list.used_by.map((use) => use.label)].join(' ').toLowerCase().includes(wanted));
  const own = found.filter((list) => list.custom);
  const standard = found.filter((list) => !list.custom);
  return (
    <SectionFrame
      title={t('sharedLists.title')}
      documentTitle={t('sharedLists.title')}
      intro={t('sharedLists.intro')}
      actions={
        <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>
          {t('sharedLists.new')}
        </Button>
      }
    >
      <DraftBar />
      {lists.error && <ErrorState compact error={lists.error} onRetry={() => void lists.refetch()} />}
      {!lists.data && !lists.error && <SkeletonRows />}
      {lists.data && (
        <>
          <div className={settings.toolbar}>
            <TextInput w={280} aria-label={t('sharedLists.find')} placeholder={t('sharedLists.find')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          </div>
          {!found.length && <EmptyState compact title={t('sharedLists.none')} />}
          {(own.length > 0 || !wanted) && (
            <Group title={t('sharedLists.own')}>
              {!own.length && <EmptyState compact icon={<IconListDetails size={18} stroke={1.75} />} title={t('sharedLists.noOwn')} body={t('sharedLists.noOwnBody')} />}
              {own.length > 0 && <Lists lists={own} onEdit={setEditing} />}
            </Group>
          )}
          {standard.length > 0 && (
            <Group title={t('sharedLists.standard')}>
              <Lists lists={standard} onEdit={setEditing} />
            </Group>
          )}
        </>
      )}
      {editing && <OptionListDialog list={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </SectionFrame>
  );
}

/** "Industry (Account), Industry (Lead)". */
export const fieldsOf = (list: SharedList): string => list.used_by.map((use) => `${use.label} (${use.object_label})`).join(', ');

function Lists({ lists, onEdit }: { lists: SharedList[]; onEdit: (list: SharedList) => void }) {
  const t = useT();
  const client = useQueryClient();
  const add = useAddChange();
  const changes = useDraftChanges();
  const takeBack = async (ids: string[]) => {
    for (const id of ids) await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const changesOf = (list: SharedList) => changes.filter((change) => change.kind === 'option_list' && change.name === list.name);
  const remove = (list: SharedList) => {
    if (list.draft === 'new') return void takeBack(changesOf(list).map((change) => change.id));
    add.mutate(
      { kind: 'option_list', operation: 'delete', object: null, name: list.name, definition: {} },
      { onSuccess: (made) => toast({ message: t('sharedLists.deleted', { name: list.label }), undo: () => takeBack([made.id]) }), onError: (error) => toast({ message: errorMessage(error), kind: 'error' }) },
    );
  };
  return (
    <div className={settings.card} style={{ marginTop: 12 }}>
      {lists.map((list) => {
        const inUse = list.used_by.length > 0;
        const deleteLabel = inUse ? t('sharedLists.inUse', { fields: fieldsOf(list) }) : t('sharedLists.delete');
        return (
          <div key={list.name} className={settings.cardRow} data-muted={list.draft === 'deleted' || undefined}>
            <span className={settings.grow}>
              <span className={settings.cellLine} style={{ flexWrap: 'wrap' }}>
                <b>{list.label}</b>
                {list.draft && <Chip color={list.draft === 'deleted' ? 'red' : 'yellow'} label={t(list.draft === 'new' ? 'model.draftNew' : list.draft === 'deleted' ? 'model.draftDeleted' : 'model.draftChanged')} />}
              </span>
              <OptionChips options={list.options} />
              <span className="k-meta" style={{ display: 'block' }}>{inUse ? t('sharedLists.usedBy', { fields: fieldsOf(list) }) : t('sharedLists.unused')}</span>
            </span>
            {list.draft === 'deleted' ? (
              <Button size="compact-xs" variant="subtle" onClick={() => void takeBack(changesOf(list).slice(-1).map((change) => change.id))}>{t('sharedLists.keep')}</Button>
            ) : (
              <>
                <Tooltip label={t('sharedLists.edit')}>
                  <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('sharedLists.edit')}: ${list.label}`} onClick={() => onEdit(list)}><IconPencil size={16} stroke={1.75} /></ActionIcon>
                </Tooltip>
                {list.custom && (
                  <Tooltip label={deleteLabel} multiline maw={280}>
                    {/* stays reachable, so that the reason can be read */}
                    <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('sharedLists.delete')}: ${list.label}`} aria-disabled={inUse} data-disabled={inUse || undefined} onClick={() => (inUse ? toast({ message: deleteLabel, kind: 'error' }) : remove(list))}><IconTrash size={16} stroke={1.75} /></ActionIcon>
                  </Tooltip>
                )}
              </>
            )}
          </div>
        );
      })}
    </div>
  );
}
