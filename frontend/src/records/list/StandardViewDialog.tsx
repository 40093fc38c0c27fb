/** Make a view a standard one: what everybody calls it, and whether it opens first. */
import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';

import { useT } from '@/i18n';
import type { View } from '@/metadata';

interface Props {
  view: View;
  onClose: () => void;
  onSave: (body: { label?: string; default: boolean }) => Promise<void>;
}

const LONGEST = 60;

export default function StandardViewDialog({ view, onClose, onSave }: Props) {
  const t = useT();
  const own = view.kind !== 'standard';
  const [label, setLabel] = useState(view.name.slice(0, LONGEST));
  const [first, setFirst] = useState(true);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    await onSave({ ...(own ? { label: label.trim() } : {}), default: own ? first : true }).catch(() => undefined);
    setBusy(false);
  };
  return (
    <Modal opened onClose={onClose} title={t('lists.view.standardDo')} size={440} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="k-meta" style={{ margin: '0 0 12px' }}>{t(own ? 'lists.view.standardHelp' : 'lists.view.standardFirstHelp', { name: view.name })}</p>
        {own && (
          <>
            <TextInput data-autofocus label={t('lists.view.name')} maxLength={LONGEST} required value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
            <Checkbox mt={12} size="xs" label={t('lists.view.standardFirst')} checked={first} onChange={(event) => setFirst(event.currentTarget.checked)} />
          </>
        )}
        <Group justify="flex-end" gap={8} mt={16}>
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={busy} disabled={own && !label.trim()}>{t('lists.view.standardDo')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
