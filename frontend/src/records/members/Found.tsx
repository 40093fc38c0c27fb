/** Whom a filter finds while it is edited: how many, and the first fifty. */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { keys, listRecords, type Filter } from '@/api';
import { useT } from '@/i18n';
import { recordPath, type Entity } from '@/metadata';
import { Chip, ErrorState, formatNumber, SkeletonRows } from '@/ui';
import { relatedFields, relatedRow } from '../record/related';
import classes from './members.module.css';

const SHOWN = 50;
const DELAY_MS = 350;

export function Found({ entity, filter, unfinished = 0 }: { entity: Entity; filter: Filter | null; unfinished?: number }) {
  const t = useT();
  const [asked] = useDebouncedValue(filter, DELAY_MS);
  const query = { filter: asked ?? undefined, fields: relatedFields(entity), limit: SHOWN, count: 'exact' as const };
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: keys.list(entity.plural, query),
    queryFn: ({ signal }) => listRecords(entity.plural, query, signal),
    enabled: !!asked,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const count = data?.count?.value ?? 0;
  return (
    <section className={classes.found} aria-label={t('members.title')} aria-busy={isFetching}>
      <p className={classes.matches} role="status">
        {!filter ? t('members.filter.none') : error ? null : data ? <strong>{t('members.filter.matches', { count })}</strong> : '…'}
        {!!filter && count > SHOWN && !error && <span className="k-meta"> {t('members.filter.more', { count: formatNumber(SHOWN) })}</span>}
      </p>
      {unfinished > 0 && <p className="k-meta">{t('members.filter.unfinished', { count: unfinished })}</p>}
      {filter && (error ? (
        <ErrorState error={error} compact onRetry={() => void refetch()} />
      ) : isPending ? (
        <SkeletonRows rows={4} />
      ) : (
        data && data.rows.length > 0 && (
          <ul className={classes.rows}>
            {data.rows.map((row) => {
              const shown = relatedRow(entity, row, '');
              return (
                <li key={shown.id}>
                  <a className={classes.row} href={recordPath(entity.plural, shown.id)} target="_blank" rel="noopener">
                    <span className="k-truncate">{shown.name}</span>
                    <span className={`k-meta k-truncate ${classes.facts}`}>{shown.facts.join(' · ')}</span>
                    {shown.state && <Chip label={shown.state.label} color={shown.state.color} />}
                  </a>
                </li>
              );
            })}
          </ul>
        )
      ))}
    </section>
  );
}
