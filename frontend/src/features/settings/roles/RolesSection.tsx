import { Button, Modal, TextInput } from '@mantine/core';
import { IconChevronRight, IconPlus, IconShieldLock } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { createRecord } from '@/api/records';
import { useT } from '@/i18n';
import { usePrivilege } from '@/metadata';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { useRoles } from '../people/useRoles';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { RoleEditor } from './RoleEditor';

/** The list of roles, or one role's privileges. */
export default function RolesSection({ rest }: { rest: string | null }) {
  return rest ? <RoleEditor key={rest} id={rest} /> : <RoleList />;
}

function RoleList() {
  const t = useT();
  const { roles, error } = useRoles();
  const mayCreate = usePrivilege('role', 'create');
  const [creating, setCreating] = useState(false);
  return (
    <SectionFrame
      title={t('roles.title')}
      documentTitle={t('roles.title')}
      intro={t('roles.intro')}
      actions={
        mayCreate && (
          <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setCreating(true)}>
            {t('roles.create')}
          </Button>
        )
      }
    >
      {error != null && <ErrorState compact error={error} />}
      {!roles && error == null && <SkeletonRows rows={8} height={44} />}
      {roles && !roles.length && <EmptyState compact title={t('roles.none')} />}
      {roles && roles.length > 0 && (
        <div className={classes.card}>
          {roles.map((role) => (
            <a key={role.id} className={classes.cardRow} href={`/settings/roles/${role.id}`}>
              <IconShieldLock size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
              <span className={classes.grow}>{role.name}</span>
              <IconChevronRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
            </a>
          ))}
        </div>
      )}
      {creating && <CreateRole onClose={() => setCreating(false)} />}
    </SectionFrame>
  );
}

function CreateRole({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => createRecord('roles', { name: name.trim() }),
    onSuccess: async (role) => {
      await client.invalidateQueries({ queryKey: keys.recordsOf('roles') });
      void navigate({ to: `/settings/roles/${role.id}` });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('roles.create')} size={400} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create.mutate();
        }}
      >
        <TextInput data-autofocus label={t('roles.name')} value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" mt="md" fullWidth disabled={!name.trim()} loading={create.isPending}>
          {t('roles.create')}
        </Button>
      </form>
    </Modal>
  );
}
