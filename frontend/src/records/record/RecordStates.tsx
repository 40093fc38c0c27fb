import { errorMessage, keys, listRecycled, restoreRecycled, type ApiError, type RecycledRecord } from '@/api';
import { useT } from '@/i18n';
import { useSession, type Entity } from '@/metadata';
import { EmptyState, ErrorState, formatRelative, NoPermission, SkeletonBar, Delayed, toast } from '@/ui';
import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import classes from './page.module.css';

/** While a record is on its way: the shape of its page, after a moment. */
export function RecordSkeleton() {
  const t = useT();
  return (
    <Delayed>
      <div className={classes.skeleton} role="status" aria-label={t('ui.loading')}>
        <SkeletonBar width={280} height={20} />
        <SkeletonBar width="70%" />
        <SkeletonBar width="100%" height={28} />
        {Array.from({ length: 8 }, (_, index) => (
          <SkeletonBar key={index} width={`${50 + ((index * 17) % 40)}%`} />
        ))}
      </div>
    </Delayed>
  );
}

/** A record that cannot be shown: deleted (and can be brought back), hidden from this user, or not loaded. */
export function RecordProblem({ entity, id, error, onRetry }: { entity: Entity; id: string; error: ApiError | Error; onRetry: () => void }) {
  const session = useSession();
  const status = 'status' in error ? error.status : undefined;
  const { data: recycled, isFetching } = useQuery({
    queryKey: [...keys.recycleBin(entity.name), 'holds', id],
    queryFn: async ({ signal }) => (await listRecycled({ object: entity.name, limit: 200 }, signal)).rows.find((row) => row.id === id) ?? null,
    enabled: status === 404,
    // Without access to the recycle bin this is a plain "not found".
    retry: false,
  });
  if (status === 404 && isFetching) return <RecordSkeleton />;
  if (status === 404 && recycled) return <Deleted entity={entity} row={recycled} onRestored={onRetry} />;
  if (status === 403) return <NoPermission right={entity.label} workspace={session.workspace.name} />;
  return <ErrorState error={error} onRetry={onRetry} />;
}

function Deleted({ entity, row, onRestored }: { entity: Entity; row: RecycledRecord; onRestored: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const restore = async () => {
    setBusy(true);
    try {
      await restoreRecycled(entity.name, row.id);
      void client.invalidateQueries({ queryKey: keys.recordsOf(entity.plural) });
      void client.invalidateQueries({ queryKey: ['recycle-bin'] });
      onRestored();
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <EmptyState
      icon={<IconTrash size={20} stroke={1.75} />}
      title={t('record.deleted.title', { name: row.name })}
      body={t('record.deleted.body', { who: row.deleted_by?.name ?? t('record.conflict.somebody'), when: formatRelative(row.deleted_at) })}
      action={
        <Button loading={busy} onClick={() => void restore()}>
          {t('record.deleted.restore')}
        </Button>
      }
      secondary={
        <a className="k-link" href={`/${entity.plural}`}>
          {t('record.deleted.toList', { objects: entity.label_plural })}
        </a>
      }
    />
  );
}
