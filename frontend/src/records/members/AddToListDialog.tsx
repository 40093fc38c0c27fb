/** Put the selected records of a list on a marketing list that is there, or on a new one. */
import { Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { createRecord, keys, listRecords, type Filter } from '@/api';
import { useT } from '@/i18n';
import { usePrivilege, type Collects, type Entity } from '@/metadata';
import { SkeletonRows } from '@/ui';
import { DialogEnd } from './DialogEnd';
import { optionFor, useListsOf } from './sheet';
import { useMembers, type Members } from './useMembers';

const OFFERED = 50;

interface Props {
  entity: Entity;
  members: Members;
  onClose: () => void;
  onDone: () => void;
}

export default function AddToListDialog(props: Props) {
  const t = useT();
  const found = useListsOf(props.entity);
  return (
    <Modal opened onClose={props.onClose} size={460} title={t('members.to.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {found ? <Choice {...props} {...found} /> : <SkeletonRows rows={3} />}
    </Modal>
  );
}

function Choice({ entity, members, onClose, onDone, lists, collects }: Props & { lists: Entity; collects: Collects }) {
  const t = useT();
  const mayCreate = usePrivilege(lists.name, 'create');
  const add = useMembers(lists.name);
  const [mode, setMode] = useState<'existing' | 'new'>('existing');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text, 200);
  const [chosen, setChosen] = useState<{ id: string; name: string } | null>(null);
  const [name, setName] = useState('');
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const type = optionFor(collects, entity.name);
  const filter: Filter = {
    and: [
      { attribute: collects.of, operator: 'eq', value: type },
      { attribute: collects.kind, operator: 'ne', value: collects.dynamic },
      { attribute: 'state', operator: 'eq', value: 'active' },
      { attribute: 'locked', operator: 'eq', value: false },
    ],
  };
  const primary = lists.primary_attribute;
  const query = { filter, q: search && search !== chosen?.name ? search : undefined, fields: [primary], order: [primary], limit: OFFERED, count: 'none' as const };
  const { data, isPending } = useQuery({ queryKey: keys.list(lists.plural, query), queryFn: ({ signal }) => listRecords(lists.plural, query, signal), placeholderData: keepPreviousData });
  const rows = (data?.rows ?? []).map((row) => ({ value: row.id, label: String(row[primary] ?? '') }));
  const offered = chosen && !rows.some((row) => row.value === chosen.id) ? [{ value: chosen.id, label: chosen.name }, ...rows] : rows;
  const none = !isPending && !rows.length && !search;
  const making = mayCreate && (mode === 'new' || none);
  const submit = async () => {
    setRunning(true);
    setFailure(null);
    try {
      const made = making ? await createRecord(lists.plural, { [primary]: name.trim(), [collects.of]: type }) : null;
      const list = made ? { id: made.id, name: name.trim() } : chosen!;
      await add.mutateAsync({ list, action: 'ids' in members ? 'add_members' : 'add_by_query', members });
      onDone();
    } catch (error) {
      setFailure(error);
      setRunning(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap={16}>
        {mayCreate && !none && (
          <SegmentedControl
            fullWidth
            value={mode}
            onChange={(value) => setMode(value as typeof mode)}
            data={[
              { value: 'existing', label: t('members.to.existing') },
              { value: 'new', label: t('members.to.new') },
            ]}
          />
        )}
        {making ? (
          <TextInput key="name" label={t('members.to.name')} value={name} maxLength={160} autoFocus data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        ) : none ? (
          <p className="k-meta">{t('members.to.noList', { objects: entity.label_plural })}</p>
        ) : (
          <Select
            key="list"
            label={lists.label}
            data={offered}
            value={chosen?.id ?? null}
            searchable
            searchValue={text}
            onSearchChange={setText}
            filter={({ options }) => options}
            nothingFoundMessage={t('fields.noHits', { text })}
            data-autofocus
            onChange={(id) => setChosen(id ? { id, name: offered.find((row) => row.value === id)?.label ?? '' } : null)}
          />
        )}
        <DialogEnd label={t('members.to.run')} failure={failure} disabled={making ? !name.trim() : !chosen} running={running} onClose={onClose} />
      </Stack>
    </form>
  );
}
