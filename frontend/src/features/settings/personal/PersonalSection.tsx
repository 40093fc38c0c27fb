import { Table } from '@mantine/core';
import '@mantine/core/styles/Table.layer.css';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { ERASURE_CHOICES, listPersonalRequests } from '@/api/personal';
import { useT } from '@/i18n';
import { useObjects } from '@/metadata';
import { formatDateTime } from '@/ui/formatting';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { SectionFrame } from '../SectionFrame';
import { BlockedAddresses } from './BlockedAddresses';
import { RetentionRules } from './RetentionRules';

/** The register of access requests and erasures: who asked how, when, done by whom (CUS-15.8). */
export default function PersonalSection() {
  const t = useT();
  const objects = useObjects();
  const { data, error, refetch } = useQuery({ queryKey: ['personal-requests'], queryFn: ({ signal }) => listPersonalRequests(signal), staleTime: 0 });
  return (
    <SectionFrame title={t('personal.title')} documentTitle={t('personal.title')} intro={t('personal.registerIntro')} wide>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} />}
      {data && !data.rows.length && <EmptyState icon={<IconShieldCheck size={20} stroke={1.75} />} title={t('personal.none')} body={t('personal.noneBody')} />}
      {!!data?.rows.length && (
        <Table.ScrollContainer minWidth={620}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('personal.column.when')}</Table.Th>
                <Table.Th>{t('personal.column.what')}</Table.Th>
                <Table.Th>{t('personal.column.record')}</Table.Th>
                <Table.Th>{t('personal.column.requested')}</Table.Th>
                <Table.Th>{t('personal.column.by')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.rows.map((row) => {
                const object = objects.find((entry) => entry.name === row.object);
                const kept = ERASURE_CHOICES.filter((choice) => row.choices[choice] === false);
                return (
                  <Table.Tr key={row.id}>
                    <Table.Td>{formatDateTime(row.done_at)}</Table.Td>
                    <Table.Td>
                      {t(`personal.kind.${row.kind}`)}
                      {kept.length > 0 && <div className="k-meta">{t('personal.kept', { what: kept.map((choice) => t(`personal.choice.${choice}`)).join(', ') })}</div>}
                      {row.job?.state === 'failed' && <div className="k-meta">{t('personal.failed')}</div>}
                    </Table.Td>
                    <Table.Td>{object ? <a href={`/${object.plural}/${row.record}`}>{object.label}</a> : row.object}</Table.Td>
                    <Table.Td>{row.requested || '–'}</Table.Td>
                    <Table.Td>{row.done_by?.name ?? '–'}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <RetentionRules />
      {data && <BlockedAddresses count={data.blocked} />}
    </SectionFrame>
  );
}
