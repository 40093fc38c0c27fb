import { useQuery } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { recentRecords } from '@/api/workspace';
import { useT } from '@/i18n';
import { useObjects } from '@/metadata';
import { ObjectIcon } from '@/ui/icons';
import { ErrorState, SkeletonRows } from '@/ui/states';
import classes from './home.module.css';

/** Records the user opened last. */
export function RecentRecords() {
  const t = useT();
  const objects = useObjects();
  const { data, error, refetch } = useQuery({ queryKey: keys.recent, queryFn: ({ signal }) => recentRecords(signal), staleTime: 5000 });
  const rows = (data ?? []).flatMap((row) => {
    const object = objects.find((entry) => entry.name === row.object);
    return object ? [{ row, object }] : [];
  });
  return (
    <section className={classes.card} aria-labelledby="recent">
      <div className={classes.cardHead}>
        <h3 id="recent">{t('home.recent')}</h3>
      </div>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={5} />}
      {data && !rows.length && <p className={classes.hint}>{t('home.recentEmpty')}</p>}
      {rows.slice(0, 10).map(({ row, object }) => (
        <a key={`${row.object}${row.id}`} className={classes.row} href={`/${object.plural}/${row.id}`} title={row.name}>
          <ObjectIcon name={object.icon} color={object.color} />
          <span className={classes.name}>{row.name}</span>
        </a>
      ))}
    </section>
  );
}
