import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import '@mantine/core/styles/Radio.layer.css';
import { useState } from 'react';

import { useT } from '@/i18n';

export interface ViewDialogProps {
  title: string;
  initial: string;
  /** Also ask who sees it. */
  sharing?: boolean;
  onSave: (answer: { name: string; shared_with: 'me' | 'everyone' }) => Promise<unknown>;
  onClose: () => void;
}

/** Name a view, and for a new one say who sees it. */
export default function ViewDialog({ title, initial, sharing, onSave, onClose }: ViewDialogProps) {
  const t = useT();
  const [name, setName] = useState(initial);
  const [shared, setShared] = useState<'me' | 'everyone'>('me');
  const [saving, setSaving] = useState(false);
  return (
    <Modal opened onClose={onClose} title={title} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSaving(true);
          // The mutation has already told what went wrong; the dialog stays open with the name.
          onSave({ name: name.trim(), shared_with: shared }).catch(() => setSaving(false));
        }}
      >
        <Stack gap={16}>
          <TextInput label={t('lists.view.name')} value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} data-autofocus required withAsterisk={false} />
          {sharing && (
            <Radio.Group label={t('lists.view.who')} value={shared} onChange={(value) => setShared(value as 'me' | 'everyone')}>
              <Stack gap={8} mt={4}>
                <Radio size="sm" value="me" label={t('lists.view.onlyMe')} />
                <Radio size="sm" value="everyone" label={t('lists.view.everyone')} />
              </Stack>
            </Radio.Group>
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button type="submit" loading={saving} disabled={!name.trim()}>
              {t('lists.view.saveNamed')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
