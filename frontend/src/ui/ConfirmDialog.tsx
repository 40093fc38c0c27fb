import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';

import { useT } from '@/i18n';
import type { Question } from './confirm';

/** The dialog of `confirm()`; fetched with the first question. */
export default function ConfirmDialog({ asked }: { asked: Question }) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const blocked = !!asked.typeToConfirm && typed.trim() !== asked.typeToConfirm;
  return (
    <Modal opened onClose={() => asked.answer(false)} title={asked.title} size={440} centered closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked) asked.answer(true);
        }}
      >
        <div style={{ color: 'var(--k-text-2)' }}>{asked.body}</div>
        {asked.typeToConfirm && (
          <TextInput mt="md" label={t('ui.confirm.typeNumber', { number: asked.typeToConfirm })} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
        )}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={() => asked.answer(false)}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" color={asked.destructive ? 'red' : undefined} disabled={blocked} data-autofocus={asked.typeToConfirm ? undefined : true}>
            {asked.confirmLabel}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
