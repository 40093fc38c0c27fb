/** Keep what a list shows as a marketing list: by its filter, or those who match now (MKT-70.3). */
import { Modal, Radio, Stack, TextInput } from '@mantine/core';
import '@mantine/core/styles/Radio.layer.css';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';

import { createRecord, keys, type Filter } from '@/api';
import { useT } from '@/i18n';
import { recordPath, type Collects, type Entity } from '@/metadata';
import { SkeletonRows, toast } from '@/ui';
import { DialogEnd } from './DialogEnd';
import { optionFor, useListsOf } from './sheet';
import { useMembers } from './useMembers';

interface Props {
  entity: Entity;
  filter: Filter | null;
  q: string;
  onClose: () => void;
}

/** Everybody, said as a filter. */
const EVERYBODY: Filter = { and: [] };

export default function SaveAsListDialog(props: Props) {
  const t = useT();
  const found = useListsOf(props.entity);
  return (
    <Modal opened onClose={props.onClose} size={440} title={t('members.save.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {found ? <Form {...props} {...found} /> : <SkeletonRows rows={3} />}
    </Modal>
  );
}

function Form({ entity, filter, q, onClose, lists, collects }: Props & { lists: Entity; collects: Collects }) {
  const t = useT();
  const client = useQueryClient();
  const router = useRouter();
  const add = useMembers(lists.name);
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'dynamic' | 'static'>(q ? 'static' : 'dynamic');
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async () => {
    setRunning(true);
    setFailure(null);
    try {
      const values = { [lists.primary_attribute]: name.trim(), [collects.of]: optionFor(collects, entity.name) };
      const made = await createRecord(lists.plural, kind === 'dynamic' ? { ...values, [collects.kind]: collects.dynamic, [collects.filter]: filter ?? EVERYBODY } : values);
      const list = { id: made.id, name: name.trim() };
      void client.invalidateQueries({ queryKey: keys.recordsOf(lists.plural) });
      if (kind === 'static') await add.mutateAsync({ list, action: 'add_by_query', members: { filter, q } });
      else toast({ kind: 'success', message: t('members.save.saved', { name: list.name }), action: { label: t('members.save.open'), run: () => router.history.push(recordPath(lists.plural, list.id)) } });
      onClose();
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
        <TextInput label={t('members.to.name')} value={name} maxLength={160} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        <Radio.Group label={t('members.save.kind')} value={kind} onChange={(value) => setKind(value as typeof kind)}>
          <Stack gap={8} mt={4}>
            <Radio value="dynamic" disabled={!!q} label={t('members.save.dynamic')} description={q ? t('members.save.noText') : t('members.save.dynamicHelp')} />
            <Radio value="static" label={t('members.save.static')} description={t('members.save.staticHelp')} />
          </Stack>
        </Radio.Group>
        <DialogEnd label={t('ui.save')} failure={failure} disabled={!name.trim()} running={running} onClose={onClose} />
      </Stack>
    </form>
  );
}
