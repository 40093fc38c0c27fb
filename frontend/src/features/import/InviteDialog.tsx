import { errorMessage, listRecords, type Ref } from '@/api';
import { invite } from '@/api/people';
import { useT } from '@/i18n';
import { toast } from '@/ui';
import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormAlert } from '@/records/form';
import classes from './import.module.css';

export interface InviteDialogProps {
  /** The name as it stands in the file. */
  name: string;
  onClose: () => void;
  /** The invited person, who can own records before joining. */
  onInvited: (user: Ref) => void;
}

/** Invite a person the file names as an owner. */
export function InviteDialog({ name, onClose, onInvited }: InviteDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { data: roles } = useQuery({ queryKey: ['records', 'roles', 'list', 'invite'], queryFn: ({ signal }) => listRecords('roles', { limit: 100, fields: ['name'] }, signal), staleTime: 60_000 });
  const chosen = role ?? roles?.rows[0]?.id ?? null;
  const send = async () => {
    if (!chosen) return;
    setBusy(true);
    setError(null);
    try {
      const { user } = await invite({ email: email.trim(), name, role: chosen });
      toast({ kind: 'success', message: t('import.invited', { name }) });
      if (user) onInvited(user);
      await client.invalidateQueries({ queryKey: ['lookup'] });
      onClose();
    } catch (failure) {
      setError(errorMessage(failure));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size={440} title={t('import.invite', { name })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {error && <FormAlert messages={[error]} />}
        <TextInput type="email" required label={t('import.inviteEmail')} value={email} data-autofocus onChange={(event) => setEmail(event.currentTarget.value)} />
        <Select label={t('import.inviteRole')} value={chosen} data={(roles?.rows ?? []).map((row) => ({ value: row.id, label: String(row.name ?? row.id) }))} onChange={setRole} allowDeselect={false} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={!email.includes('@') || !chosen}>
            {t('import.sendInvitation')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
