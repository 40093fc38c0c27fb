import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { resetFactor } from '@/api/secondFactor';
import type { RecordData } from '@/api/types';
import { useT } from '@/i18n';
import { toast } from '@/ui/toast';

/** Takes app and recovery codes from somebody who lost them. */
export function ResetFactorDialog({ user, onClose }: { user: RecordData; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const name = String(user.full_name ?? '');
  const [reason, setReason] = useState('');
  const reset = useMutation({
    mutationFn: () => resetFactor(user.id, reason.trim()),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('factor.wasReset', { name }) });
      await client.invalidateQueries({ queryKey: keys.factors });
      onClose();
    },
    // Shown at the field.
    onError: () => undefined,
  });
  return (
    <Modal opened onClose={onClose} title={t('factor.resetTitle', { name })} size={460} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate();
        }}
      >
        <p style={{ margin: '0 0 12px', color: 'var(--k-text-2)' }}>{t('factor.resetHelp', { name })}</p>
        <TextInput data-autofocus label={t('factor.reason')} placeholder={t('factor.reasonHint')} maxLength={300} value={reason} error={reset.error ? errorMessage(reset.error) : undefined} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" color="red" loading={reset.isPending} disabled={reason.trim().length < 5}>{t('factor.reset')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
