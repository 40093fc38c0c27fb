import { ActionIcon, Button, Group, Menu, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { copyRole } from '@/api/people';
import { createRecord, updateRecord } from '@/api/records';
import type { Ref } from '@/api/types';
import { useT } from '@/i18n';
import { useEntity } from '@/metadata';
import { deleteWithUndo } from '@/records/record/deleteRecord';
import { useUnits } from '../people/useUnits';
import { Holders } from './Holders';

export interface ShownRole {
  id: string;
  name: string;
  description: string;
  administrator?: boolean;
  unit?: Ref | null;
}

type Task = 'create' | 'copy' | 'rename' | 'held';

/** What can be done with a whole role: rename, copy, delete. A role somebody holds is not deleted, its holders are shown instead. */
export function RoleMenu({ role, holders, onDeleted }: { role: ShownRole; holders: Ref[]; onDeleted?: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [task, setTask] = useState<Task | null>(null);
  const entity = useEntity('role');
  const remove = useMutation({
    mutationFn: () => deleteWithUndo(client, entity, { id: role.id, name: role.name }),
    onSuccess: (gone) => gone && onDeleted?.(),
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${role.name}`} loading={remove.isPending}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setTask('rename')}>{t('roles.rename')}</Menu.Item>
          <Menu.Item onClick={() => setTask('copy')}>{t('roles.copy')}</Menu.Item>
          {!role.administrator && <Menu.Divider />}
          {!role.administrator && (
            <Menu.Item color="red" onClick={() => (holders.length ? setTask('held') : remove.mutate())}>
              {t('roles.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {task === 'held' && (
        <Modal opened onClose={() => setTask(null)} title={t('roles.heldTitle', { name: role.name })} size={440} closeButtonProps={{ 'aria-label': t('ui.close') }}>
          <p style={{ margin: '0 0 12px' }}>{t('roles.heldBody')}</p>
          <Holders holders={holders} />
        </Modal>
      )}
      {task && task !== 'held' && <RoleDialog task={task} role={role} onClose={() => setTask(null)} />}
    </>
  );
}

/** Name and description of a role: a new one, a copy, or the same under another name. */
export function RoleDialog({ task, role, onClose }: { task: Exclude<Task, 'held'>; role?: ShownRole; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(task === 'rename' ? role!.name : task === 'copy' ? t('roles.copyName', { name: role!.name }).slice(0, 100) : '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [unit, setUnit] = useState(role?.unit?.id ?? '');
  const units = useUnits().data ?? [];
  const save = useMutation({
    mutationFn: () => {
      const values = { name: name.trim(), description: description.trim() || null, ...(unit !== (role?.unit?.id ?? '') && { business_unit: unit || null }) };
      if (task === 'rename') return updateRecord('roles', role!.id, values);
      return task === 'copy' ? copyRole(role!.id, values.name) : createRecord('roles', values);
    },
    onError: () => undefined, // the form says it
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: keys.recordsOf('roles') });
      await client.invalidateQueries({ queryKey: keys.rolePrivileges(saved.id) });
      onClose();
      if (task !== 'rename') void navigate({ to: `/settings/roles/${saved.id}` });
    },
  });
  const failure = save.error && errorMessage(save.error);
  const unitFails = save.error instanceof ApiError && save.error.field === 'business_unit';
  const title = { create: t('roles.create'), copy: t('roles.copyTitle', { name: role?.name ?? '' }), rename: t('roles.rename') }[task];
  return (
    <Modal opened onClose={onClose} title={title} size={440} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate();
        }}
      >
        {task === 'create' && <p className="k-meta" style={{ marginTop: 0 }}>{t('roles.createHelp')}</p>}
        <TextInput data-autofocus label={t('roles.name')} value={name} maxLength={100} error={failure && !unitFails ? failure : undefined} onChange={(event) => setName(event.currentTarget.value)} />
        {task !== 'copy' && <Textarea mt="sm" label={t('roles.description')} autosize minRows={2} maxRows={6} value={description} maxLength={1000} onChange={(event) => setDescription(event.currentTarget.value)} />}
        {task !== 'copy' && !role?.administrator && units.length > 1 && (
          <NativeSelect
            mt="sm"
            label={t('roles.unit')}
            description={t('roles.unitHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={unit}
            error={unitFails ? failure : undefined}
            data={[{ value: '', label: t('roles.unitAll') }, ...units.filter((one) => one.parent).map((one) => ({ value: one.id, label: one.path }))]}
            onChange={(event) => setUnit(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
            {task === 'rename' ? t('ui.save') : task === 'copy' ? t('roles.copyRun') : t('roles.create')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
