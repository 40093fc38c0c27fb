/** What is held on one person: hand it out, or erase it for good (CUS-15.8). */
import { errorMessage } from '@/api';
import { ERASURE_CHOICES, erasePerson, exportPersonalData, readPersonalData, type ErasureChoice } from '@/api/personal';
import { useT } from '@/i18n';
import { trackJob, useObjects } from '@/metadata';
import { ErrorState, SkeletonRows, toast } from '@/ui';
import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { IconDownload, IconEraser } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import classes from '../sharing/sharing.module.css';

const LONGEST_REASON = 200;

export function PersonalDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const objects = useObjects();
  const { entity, record } = useOpenRecord();
  const held = useQuery({ queryKey: ['personal', entity.plural, record.id], queryFn: ({ signal }) => readPersonalData(entity.plural, record.id, signal), staleTime: 0 });
  const [requested, setRequested] = useState('');
  const [choices, setChoices] = useState<Record<ErasureChoice, boolean>>({ notes: true, activities: true, files: true });
  const [typed, setTyped] = useState('');

  const handOut = useMutation({
    mutationFn: () => exportPersonalData(entity.plural, record.id, requested.trim()),
    onSuccess: (job) => {
      trackJob(client, job);
      toast({ kind: 'info', message: t('personal.collecting') });
      onClose();
    },
  });
  const erase = useMutation({
    mutationFn: () => erasePerson(entity.plural, record.id, { ...choices, confirm: typed, requested: requested.trim() }),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('personal.erased') });
      onClose();
      await client.invalidateQueries();
    },
  });
  const busy = handOut.isPending || erase.isPending;
  const data = held.data;
  const labels = data ? Object.entries(data.records).map(([name, count]) => `${objects.find((entry) => entry.name === name)?.label_plural ?? name}: ${count}`) : [];
  const failed = handOut.error ?? erase.error;

  return (
    <Modal opened onClose={onClose} title={t('personal.title')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {held.error && <ErrorState compact error={held.error} onRetry={() => void held.refetch()} />}
      {held.isPending && <SkeletonRows rows={3} />}
      {data && (
        <>
          <p style={{ marginTop: 0 }}>
            {t('personal.held', { name: data.name, records: labels.join(', '), addresses: data.addresses, notes: data.notes, activities: data.activities })}
          </p>
          <TextInput label={t('personal.requested')} description={t('personal.requestedHelp')} placeholder={t('personal.requestedExample')} maxLength={LONGEST_REASON} value={requested} onChange={(event) => setRequested(event.currentTarget.value)} data-autofocus />
          <section className={classes.section}>
            <h3>{t('personal.access')}</h3>
            <p className="k-meta">{t('personal.accessHelp')}</p>
            <Button variant="default" leftSection={<IconDownload size={16} stroke={1.75} />} loading={handOut.isPending} disabled={busy} onClick={() => handOut.mutate()}>
              {t('personal.collect')}
            </Button>
          </section>
          <form
            className={classes.section}
            onSubmit={(event) => {
              event.preventDefault();
              if (typed === data.name && !busy) erase.mutate();
            }}
          >
            <h3>{t('personal.erase')}</h3>
            <p className="k-meta">{t('personal.eraseHelp')}</p>
            <div style={{ display: 'grid', gap: 8, margin: '12px 0' }}>
              {ERASURE_CHOICES.map((choice) => (
                <Checkbox key={choice} size="sm" label={t(`personal.erase.${choice}`)} checked={choices[choice]} onChange={(event) => setChoices({ ...choices, [choice]: event.currentTarget.checked })} />
              ))}
            </div>
            <TextInput label={t('personal.confirm', { name: data.name })} value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.currentTarget.value)} />
            <Button mt={12} type="submit" color="red" leftSection={<IconEraser size={16} stroke={1.75} />} loading={erase.isPending} disabled={typed !== data.name || busy}>
              {t('personal.eraseNow')}
            </Button>
          </form>
          {failed && (
            <p className={classes.error} role="alert" style={{ marginTop: 12 }}>
              {errorMessage(failed)}
            </p>
          )}
        </>
      )}
    </Modal>
  );
}
