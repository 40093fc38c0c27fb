import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { readUserRoles, writeUserRoles } from '@/api/people';
import type { RecordData } from '@/api/types';
import { asRef } from '@/fields';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { RoleChoices } from './RoleChoices';
import { useRoles } from './useRoles';

/** Which roles a user holds. */
export function UserRolesDialog({ user, onClose }: { user: RecordData; onClose: () => void }) {
  const t = useT();
  const name = String(user.full_name ?? '');
  const { roles, error: rolesError } = useRoles();
  const held = useQuery({ queryKey: ['user-roles', user.id], queryFn: ({ signal }) => readUserRoles(user.id, signal), staleTime: 0, gcTime: 0 });
  const [chosen, setChosen] = useState<string[] | null>(null);
  const selected = chosen ?? held.data?.roles.map((role) => role.id) ?? [];
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => writeUserRoles(user.id, selected),
    onError: () => undefined, // the dialog says it
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.roleAssignments });
      toast({ message: t('users.rolesSaved', { name }), kind: 'success' });
      onClose();
    },
  });
  const error = held.error ?? rolesError;
  return (
    <Modal opened onClose={onClose} title={t('users.rolesOf', { name })} size={440} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {error ? (
        <ErrorState compact error={error} onRetry={() => void held.refetch()} />
      ) : !roles || !held.data ? (
        <SkeletonRows rows={6} />
      ) : (
        <>
          <p style={{ margin: '0 0 12px', color: 'var(--k-text-2)' }}>{t('users.rolesHelp')}</p>
          <RoleChoices roles={roles} value={selected} unit={asRef(user.business_unit)?.id} onChange={setChosen} />
          {save.error && <p role="alert" style={{ color: 'var(--k-red)', margin: '12px 0 0' }}>{errorMessage(save.error)}</p>}
          <Group justify="flex-end" gap={8} mt="lg">
            <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
            <Button loading={save.isPending} disabled={!chosen} onClick={() => save.mutate()}>{t('ui.save')}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
