import '@mantine/core/styles/PasswordInput.layer.css';

import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { changePassword } from '@/api/ownAccess';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';

/** A new password, with the old one as proof. */
export function Password() {
  const t = useT();
  const client = useQueryClient();
  const { user } = useSession();
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword({ current, new: wanted }),
    onSuccess: async ({ ended }) => {
      setCurrent('');
      setWanted('');
      toast({ kind: 'success', message: t('security.passwordChanged', { count: ended }) });
      // The browser got a new cookie and with it a new token against forged requests.
      await Promise.all([client.invalidateQueries({ queryKey: keys.session }), client.invalidateQueries({ queryKey: keys.ownSessions })]);
    },
    // Shown beside the fields.
    onError: () => undefined,
  });
  const failed = change.error;
  const field = failed instanceof ApiError ? failed.field : null;
  const errorOf = (name: string) => (failed && (field === name || (name === 'current' && field !== 'new')) ? errorMessage(failed) : undefined);
  return (
    <Group title={t('security.password')} help={t('security.passwordHelp')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <div className={classes.grid}>
          <PasswordInput label={t('security.currentPassword')} autoComplete="current-password" value={current} error={errorOf('current')} onChange={(event) => setCurrent(event.currentTarget.value)} />
          <PasswordInput label={t('security.newPassword')} description={t('security.newPasswordHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} autoComplete="new-password" value={wanted} error={errorOf('new')} onChange={(event) => setWanted(event.currentTarget.value)} />
        </div>
        <Button type="submit" variant="default" mt="md" loading={change.isPending} disabled={!current || !wanted}>
          {t('security.changePassword')}
        </Button>
      </form>
    </Group>
  );
}
