import { Modal, Table } from '@mantine/core';
import '@mantine/core/styles/Table.layer.css';
import { useQuery } from '@tanstack/react-query';

import type { Job } from '@/api';
import { listJobFailures } from '@/api/workspace';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui';

/** Which records a bulk operation could not change, and why. */
export default function FailuresDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: ['jobs', job.id, 'failures'], queryFn: () => listJobFailures(job.id) });
  return (
    <Modal opened onClose={onClose} title={t('lists.bulk.failures', { count: job.failed })} size={640} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {error ? (
        <ErrorState compact error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('lists.bulk.failureRecord')}</Table.Th>
              <Table.Th>{t('lists.bulk.failureReason')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td>{row.name}</Table.Td>
                <Table.Td>{row.message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Modal>
  );
}
