import { Button, Menu, ActionIcon, Tooltip } from '@mantine/core';
import { IconDots, IconRestore, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { keys } from '@/api/keys';
import type { RecycledRecord } from '@/api/types';
import { listRecycled, purgeRecycled, restoreRecycled } from '@/api/workspace';
import { useT } from '@/i18n';
import { recordPath, useObjects, type ObjectSummary } from '@/metadata';
import { Avatar } from '@/ui/Avatar';
import { confirm } from '@/ui/confirm';
import { formatDateTime, formatRelative } from '@/ui/formatting';
import { ObjectIcon } from '@/ui/icons';
import { PageFrame } from '@/ui/PageFrame';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import classes from './recycleBin.module.css';

const PAGE = 50;

/** `/recycle-bin`: what was deleted, newest first; restore or delete for good. */
export default function RecycleBinPage() {
  const t = useT();
  const navigate = useNavigate();
  const objects = useObjects();
  const search = useSearch({ strict: false }) as { object?: string };
  const object = search.object ?? null;
  const query = useInfiniteQuery({
    queryKey: keys.recycleBin(object),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => listRecycled({ object: object ?? undefined, cursor: pageParam, limit: PAGE }, signal),
    getNextPageParam: (page) => page.next,
  });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const keptDays = query.data?.pages[0]?.kept_days ?? 0;
  const deletable = objects.filter((entry) => entry.privileges.delete);

  return (
    <PageFrame
      title={t('bin.title')}
      toolbar={
        <select className={classes.select} aria-label={t('bin.object')} value={object ?? ''} onChange={(event) => void navigate({ to: '.', search: event.currentTarget.value ? { object: event.currentTarget.value } : {} })}>
          <option value="">{t('bin.allObjects')}</option>
          {deletable.map((entry) => (
            <option key={entry.name} value={entry.name}>{entry.label_plural}</option>
          ))}
        </select>
      }
    >
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <SkeletonRows height={44} />}
      {query.data && !rows.length && (
        <EmptyState icon={<IconTrash size={20} stroke={1.75} />} title={object ? t('bin.emptyFiltered') : t('bin.empty')} body={t('bin.emptyBody')} />
      )}
      {rows.length > 0 && (
        <>
          <p className={classes.intro}>{t('bin.intro', { days: keptDays })}</p>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('bin.name')}</th>
                <th scope="col" className={classes.wide}>{t('bin.object')}</th>
                <th scope="col">{t('bin.deletedAt')}</th>
                <th scope="col" className={classes.wide}>{t('bin.deletedBy')}</th>
                <th><span className="k-visually-hidden">{t('ui.more')}</span></th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={`${row.object}${row.id}`} row={row} keptDays={keptDays} object={objects.find((entry) => entry.name === row.object)} />
              ))}
            </tbody>
          </table>
          {query.hasNextPage && (
            <div className={classes.more}>
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('bin.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </PageFrame>
  );
}

const DAY_MS = 86_400_000;

/** "2 Tasks, 1 Note"; what the user may not see is only counted. */
function withWhat(t: ReturnType<typeof useT>, row: RecycledRecord): string {
  const hidden = row.children - row.with.reduce((sum, entry) => sum + entry.count, 0);
  return [...row.with.map((entry) => `${entry.count} ${entry.label}`), ...(hidden > 0 ? [t('bin.others', { count: hidden })] : [])].join(', ');
}

function Row({ row, keptDays, object }: { row: RecycledRecord; keptDays: number; object: ObjectSummary | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [now] = useState(() => Date.now());
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ['recycle-bin'] });
    if (object) await client.invalidateQueries({ queryKey: keys.recordsOf(object.plural) });
  };
  const restore = useMutation({
    mutationFn: () => restoreRecycled(row.object, row.id),
    onSuccess: async () => {
      toast({
        message: t('bin.restored', { name: row.name }),
        kind: 'success',
        action: object ? { label: t('bin.open'), run: () => void navigate({ to: recordPath(object.plural, row.id) }) } : undefined,
      });
      await refresh();
    },
  });
  const purge = useMutation({
    mutationFn: () => purgeRecycled(row.object, row.id),
    onSuccess: async () => {
      toast({ message: t('bin.purged', { name: row.name }) });
      await refresh();
    },
  });
  const daysLeft = Math.max(0, keptDays - Math.floor((now - Date.parse(row.deleted_at)) / DAY_MS));
  const askPurge = async () => {
    const count = row.children + 1;
    const body = row.children ? t('bin.purgeBodyWith', { count, list: withWhat(t, row) }) : t('bin.purgeBody');
    if (await confirm({ title: t('bin.purgeTitle', { name: row.name }), body, confirmLabel: t('bin.purgeCount', { count }), destructive: true })) purge.mutate();
  };
  return (
    <tr data-busy={restore.isPending || purge.isPending || undefined}>
      <td>
        <span className={classes.name}>
          <ObjectIcon name={object?.icon} color={object?.color} />
          <span className="k-truncate" title={row.name}>{row.name}</span>
          {row.children > 0 && <span className="k-meta" title={withWhat(t, row)}>{t('bin.children', { count: row.children })}</span>}
        </span>
      </td>
      <td className={classes.wide}>{object?.label ?? row.object}</td>
      <td title={formatDateTime(row.deleted_at)}>
        {formatRelative(row.deleted_at)}
        <span className={`k-meta ${classes.left}`}>{t('bin.daysLeft', { count: daysLeft })}</span>
      </td>
      <td className={classes.wide}>
        {row.deleted_by && (
          <span className={classes.name}>
            <Avatar name={row.deleted_by.name} />
            <span className="k-truncate">{row.deleted_by.name}</span>
          </span>
        )}
      </td>
      <td className={classes.actions}>
        <Button size="xs" variant="default" leftSection={<IconRestore size={16} stroke={1.75} />} loading={restore.isPending} onClick={() => restore.mutate()}>
          {t('bin.restore')}
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Tooltip label={t('ui.more')}>
              <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${row.name}`}>
                <IconDots size={16} stroke={1.75} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void askPurge()}>
              {t('bin.purge')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}
