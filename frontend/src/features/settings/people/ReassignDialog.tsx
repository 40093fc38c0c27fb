import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { setUserEnabled } from '@/api/people';
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
  const owned = useQuery({ queryKey: ['owned', kind, who.id], queryFn: ({ signal }) => readOwned(kind, who.id, signal), staleTime: 0, gcTime: 0 });
  const [give, setGive] = useState(true);
  const [owner, setOwner] = useState<Ref | null>(null);
  const total = owned.data?.total ?? 0;
  const giving = total > 0 && (give || !disable);
  const run = useMutation({
    mutationFn: async () => {
      const job = giving ? (await reassignAll(kind, who.id, owner!)).job : null;
      if (disable) await setUserEnabled(who.id, false);
      return job;
    },
    onSuccess: async (job) => {
      if (job) {
        trackJob(client, job);
        const moved = (job.result as { succeeded?: number } | null)?.succeeded ?? 0;
        toast({ kind: 'success', message: isActive(job) ? t('users.reassignStarted') : t('users.reassigned', { count: moved }), undo: isActive(job) ? undefined : () => undo.mutate({ id: job.id, action: 'undo' }) });
      }
      if (disable) toast({ kind: 'success', message: t('users.disabled', { name }), undo: () => void setUserEnabled(who.id, true).then(() => client.invalidateQueries({ queryKey: keys.recordsOf('users') })) });
      await client.invalidateQueries({ queryKey: keys.recordsOf(kind) });
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
        </>
      )}
      {run.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(run.error)}</p>}
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button color={disable ? 'red' : undefined} loading={run.isPending} disabled={!owned.data || (giving && !owner) || (!disable && !total)} onClick={() => run.mutate()}>
          {t(disable ? 'users.disableRun' : 'users.reassignRun')}
        </Button>
      </Group>
    </Modal>
  );
}
