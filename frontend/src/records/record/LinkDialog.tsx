import { errorMessage, linkRecords, type Ref } from '@/api';
import { LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import type { Entity, Relationship } from '@/metadata';
import { toast } from '@/ui';
import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { refreshRecord } from './cache';
import { useOpenRecord } from './RecordContext';

/** Choose a record to link with the open one. */
export function LinkDialog({ relationship, entity, onClose }: { relationship: Relationship; entity: Entity; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { entity: parentEntity, record: parent } = useOpenRecord();
  const [chosen, setChosen] = useState<Ref | null>(null);
  const link = useMutation({
    mutationFn: (ref: Ref) => linkRecords(parentEntity.plural, parent.id, relationship.name, [ref.id]),
    onSuccess: ({ added }, ref) => {
      toast({ kind: added ? 'success' : 'info', message: t(added ? 'record.related.linkDone' : 'record.related.linkThere', { name: ref.name ?? '' }) });
      refreshRecord(client, parentEntity.plural, parent.id);
      onClose();
    },
    // Shown in the dialog.
    onError: () => undefined,
  });
  return (
    <Modal opened onClose={onClose} size={440} title={t('record.related.linkTitle', { object: relationship.label })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) link.mutate(chosen);
        }}
      >
        <LookupPicker label={t('record.related.linkChoose', { object: entity.label })} frame={{ label: t('record.related.linkChoose', { object: entity.label }), size: 'sm', autoFocus: true, 'data-autofocus': true }} targets={[relationship.object]} value={chosen} onChange={setChosen} />
        {link.error && <p role="alert" style={{ margin: '8px 0 0', color: 'var(--k-red)', fontSize: 12 }}>{errorMessage(link.error)}</p>}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" disabled={!chosen} loading={link.isPending}>{t('record.related.linkRun')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
