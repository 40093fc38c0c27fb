import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { disableUser, enableUser } from '@/api/people';
import { readOwned, reassignAll, type PrincipalKind } from '@/api/security';
import type { Ref } from '@/api/types';
import { LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import { isActive, trackJob, useJobAction } from '@/metadata';
import { SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';

export interface ReassignDialogProps {
  kind: PrincipalKind;
  who: Ref;
  /** Disable the user as well; the records may then also stay. */
  disable?: boolean;
  onClose: () => void;
}

/** What somebody owns, and to whom it goes: before an account is disabled, or by itself (CUS-12). */
export function ReassignDialog({ kind, who, disable, onClose }: ReassignDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const undo = useJobAction();
  const name = who.name ?? '';
  const [give, setGive] = useState(true);
  const [owner, setOwner] = useState<Ref | null>(null);
  const owned = useQuery({ queryKey: ['owned', kind, who.id, owner?.id ?? null], queryFn: ({ signal }) => readOwned(kind, who.id, owner?.id, signal), staleTime: 0, gcTime: 0, placeholderData: keepPreviousData });
  const total = owned.data?.total ?? 0;
  const giving = total > 0 && (give || !disable);
  const staying = giving && owner && !owned.isPlaceholderData ? (owned.data?.rows.filter((row) => row.stays) ?? []) : [];
  const left = staying.reduce((sum, row) => sum + row.count, 0);
  const enable = useMutation({
    mutationFn: () => enableUser(who.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('users.enabled', { name }) });
      await client.invalidateQueries({ queryKey: keys.recordsOf('users') });
      await client.invalidateQueries({ queryKey: keys.licences });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const run = useMutation({
    mutationFn: async () => {
      if (disable) return (await disableUser(who.id, giving ? owner! : undefined)).job ?? null;
      return (await reassignAll(kind, who.id, owner!)).job;
    },
    onSuccess: async (job) => {
      if (job) {
        trackJob(client, job);
        const { succeeded = 0, followed = 0 } = (job.result as { succeeded?: number; followed?: number } | null) ?? {};
        const moved = succeeded + followed;
        toast({ kind: 'success', message: isActive(job) ? t('users.reassignStarted') : t('users.reassigned', { count: moved }), undo: isActive(job) ? undefined : () => undo.mutate({ id: job.id, action: 'undo' }) });
      }
      if (disable) toast({ kind: 'success', message: t(job ? 'users.disabledGiven' : 'users.disabled', { name }), undo: () => enable.mutate() });
      await client.invalidateQueries({ queryKey: keys.recordsOf(kind) });
      await client.invalidateQueries({ queryKey: keys.licences });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t(disable ? 'users.disableTitle' : 'users.reassignTitle', { name })} size={460} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {disable && <p style={{ margin: '0 0 12px', color: 'var(--k-text-2)' }}>{t('users.disableHelp', { name })}</p>}
      {!owned.data ? (
        <SkeletonRows rows={3} />
      ) : (
        <>
          <p style={{ margin: '0 0 4px', fontWeight: 550 }}>{t('users.owns', { count: total })}</p>
          {total > 0 && <p className="k-meta">{owned.data.rows.map((row) => `${row.label}: ${row.count}`).join(' · ')}</p>}
          {disable && total > 0 && (
            <Checkbox mt="sm" size="xs" checked={!give} label={t('users.keepRecords', { name })} onChange={(event) => setGive(!event.currentTarget.checked)} />
          )}
          {giving && (
            <div style={{ marginTop: 12 }}>
              <LookupPicker label={t('users.giveRecords')} frame={{ label: t('users.giveRecords'), size: 'sm' }} targets={['user', 'team']} value={owner} onChange={setOwner} />
            </div>
          )}
          {giving && total > 0 && owner && !owned.isPlaceholderData && (
            <p className="k-meta" role="status" style={{ marginBottom: 0 }}>
              {t('users.willMove', { count: total - left, name: owner.name ?? '' })}
              {left > 0 && ` ${t('users.willStay', { name: owner.name ?? '', records: staying.map((row) => `${row.label}: ${row.count}`).join(' · ') })}`}
            </p>
          )}
        </>
      )}
      {run.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(run.error)}</p>}
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button color={disable ? 'red' : undefined} loading={run.isPending} disabled={!owned.data || (giving && (!owner || owned.isPlaceholderData)) || (!disable && !total)} onClick={() => run.mutate()}>
          {t(disable ? 'users.disableRun' : 'users.reassignRun')}
        </Button>
      </Group>
    </Modal>
  );
}
