/** Choose records one by one to put on a list. */
import { Button, Group, Modal, Pill } from '@mantine/core';
import { useState } from 'react';

import type { Ref } from '@/api';
import { LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import classes from './members.module.css';

export default function ChooseDialog({ entity, title, onRun, onClose }: { entity: Entity; title: string; onRun: (ids: string[]) => Promise<unknown>; onClose: () => void }) {
  const t = useT();
  const [chosen, setChosen] = useState<Ref[]>([]);
  const [running, setRunning] = useState(false);
  const label = t('members.add.choose', { objects: entity.label_plural });
  const submit = async () => {
    setRunning(true);
    // The mutation has already told what went wrong; the dialog stays open with what was chosen.
    await onRun(chosen.map((ref) => ref.id)).then(onClose, () => setRunning(false));
  };
  return (
    <Modal opened onClose={onClose} size={480} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <LookupPicker
        label={label}
        frame={{ label, size: 'sm', autoFocus: true, 'data-autofocus': true }}
        targets={[entity.name]}
        value={null}
        onChange={(ref) => ref && setChosen((before) => (before.some((entry) => entry.id === ref.id) ? before : [...before, ref]))}
      />
      <div className={classes.pills} aria-live="polite" aria-label={t('members.add.chosen', { count: chosen.length })}>
        {chosen.map((ref) => (
          <Pill key={ref.id} withRemoveButton onRemove={() => setChosen(chosen.filter((entry) => entry.id !== ref.id))} removeButtonProps={{ 'aria-label': `${t('ui.remove')}: ${ref.name ?? ''}` }}>
            {ref.name}
          </Pill>
        ))}
      </div>
      <Group justify="flex-end" gap={8} mt="md">
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button disabled={!chosen.length} loading={running} onClick={() => void submit()}>{t('members.to.run')}</Button>
      </Group>
    </Modal>
  );
}
