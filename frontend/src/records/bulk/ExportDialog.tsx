import { Button, Group, Modal, Radio, Stack } from '@mantine/core';
import '@mantine/core/styles/Radio.layer.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage, exportRecords, type ExportRequest } from '@/api';
import { useT } from '@/i18n';
import { isActive, trackJob, type Entity } from '@/metadata';
import { toast } from '@/ui';
import { bulkTarget, type Selection } from '../list/selection';
import type { ListState } from '../list/state';
import { exportOrder, exportColumns } from './request';
import { both } from '../filter/tree';

interface Props {
  entity: Entity;
  state: ListState;
  /** The selected records; null exports everything the list shows. */
  target: Selection | null;
  onClose: () => void;
}

/** The whole filter of an export: of the list, or of exactly the selected rows. */
function exportFilter(state: ListState, target: Selection | null): Pick<ExportRequest, 'filter' | 'q'> {
  if (!target) return { filter: state.filter ?? undefined, q: state.q || undefined };
  const { ids, filter, q } = bulkTarget(target, state.filter, state.q);
  if (!ids) return { filter: filter ?? undefined, q };
  return { filter: both(null, { attribute: 'id', operator: 'in', value: ids }) };
}

/** Export to a file: which columns, which format. Made in the background; the file is offered when it is there. */
export default function ExportDialog({ entity, state, target, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [format, setFormat] = useState<'xlsx' | 'csv'>('xlsx');
  const [columns, setColumns] = useState<'shown' | 'all'>('shown');
  const run = useMutation({
    mutationFn: () =>
      exportRecords(entity.plural, {
        ...exportFilter(state, target),
        format,
        order: exportOrder(entity, state),
        fields: columns === 'shown' ? exportColumns(entity, state.columns.map((column) => column.name)) : entity.attributes.filter((attribute) => !['file', 'parties'].includes(attribute.type)).map((attribute) => attribute.name),
      }),
    onSuccess: (job) => {
      trackJob(client, job);
      if (isActive(job)) toast({ id: `job-${job.id}`, message: t('lists.export.started') });
      else if (job.file) {
        const { file } = job;
        toast({ id: `job-${job.id}`, kind: 'success', message: t('lists.export.ready'), action: { label: t('lists.export.download'), run: () => location.assign(file.url) } });
      }
      onClose();
    },
    onError: (error) => void toast({ kind: 'error', message: errorMessage(error) }),
  });
  return (
    <Modal opened onClose={onClose} title={t('lists.export.title', { objects: entity.label_plural })} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Stack gap={16}>
          <Radio.Group label={t('lists.export.format')} value={format} onChange={(value) => setFormat(value as 'xlsx' | 'csv')}>
            <Stack gap={8} mt={4}>
              <Radio size="sm" value="xlsx" label={t('lists.export.xlsx')} data-autofocus />
              <Radio size="sm" value="csv" label={t('lists.export.csv')} />
            </Stack>
          </Radio.Group>
          <Radio.Group label={t('lists.columns')} value={columns} onChange={(value) => setColumns(value as 'shown' | 'all')}>
            <Stack gap={8} mt={4}>
              <Radio size="sm" value="shown" label={t('lists.export.shown', { count: state.columns.length })} />
              <Radio size="sm" value="all" label={t('lists.export.all')} />
            </Stack>
          </Radio.Group>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button type="submit" loading={run.isPending}>
              {t('lists.export')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
