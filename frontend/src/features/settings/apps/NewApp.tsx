import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { createApp } from '@/api/apps';
import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { ShownSecret } from '../security/ShownSecret';
import { AppFields, EMPTY, isAtField, toFacts } from './AppFields';

/** Registers an app and shows its secret, once. */
export function NewApp({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(EMPTY);
  const [confidential, setConfidential] = useState(true);
  const open = (id: string) => void navigate({ to: `/settings/apps/${id}` });
  const make = useMutation({
    mutationFn: () => createApp({ ...toFacts({ ...draft, service: confidential ? draft.service : null }), confidential }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: keys.apps });
      if (!made.secret) open(made.id);
    },
    // Shown in the form.
    onError: () => undefined,
  });
  const secret = make.data?.secret;
  return (
    // A stray click beside the dialog must not lose the only sight of the secret.
    <Modal opened onClose={onClose} size={520} title={secret ? t('apps.secretOf', { name: make.data?.name ?? '' }) : t('apps.new')} closeOnClickOutside={!secret} closeOnEscape={!secret} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {secret && make.data ? (
        <ShownSecret label={t('apps.secret')} secret={secret} onDone={() => open(make.data.id)} />
      ) : (
        <form
          style={{ display: 'grid', gap: 16 }}
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <AppFields draft={draft} confidential={confidential} error={make.error} onChange={setDraft} />
          <Checkbox label={t('apps.confidential')} description={t('apps.confidentialHelp')} checked={confidential} onChange={(event) => setConfidential(event.currentTarget.checked)} />
          {make.error && !isAtField(make.error) && (
            <div role="alert" style={{ color: 'var(--k-red)' }}>
              {errorMessage(make.error)}
            </div>
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
            <Button type="submit" loading={make.isPending} disabled={!draft.name.trim()}>{t('apps.register')}</Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
