/** Everybody who can see a record, each with the reasons: roles and their depth, teams, units, shares, managers (CUS-13). */
import { readPeople } from '@/api/security';
import { ApiError } from '@/api/errors';
import { useT } from '@/i18n';
import { Avatar, ErrorState, SkeletonRows } from '@/ui';
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import { reasonTexts } from './reasons';
import classes from './sharing.module.css';

const PER_PAGE = 10;

export function Everybody() {
  const t = useT();
  const { entity, record } = useOpenRecord();
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 200);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['record-access', entity.plural, record.id, 'everybody', wanted],
    queryFn: ({ signal, pageParam }) => readPeople(entity.plural, record.id, { limit: String(PER_PAGE), ...(wanted ? { q: wanted } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (error instanceof ApiError && error.status === 403) return null;
  const rows = data?.pages.flatMap((page) => page.rows) ?? [];
  const total = data?.pages[0]?.total ?? 0;
  const searchable = total > PER_PAGE || wanted !== '' || text !== '';
  return (
    <section className={classes.section} aria-labelledby="everybody">
      <h3 id="everybody">
        {t('record.access.everybody')} {data && <span className="k-meta k-num">{total}</span>}
      </h3>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} />}
      {searchable && <TextInput size="sm" aria-label={t('record.access.findPerson')} placeholder={t('record.access.findPerson')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />}
      {data && !rows.length && <p className="k-meta">{t('record.access.nobody')}</p>}
      <ul className={classes.list}>
        {rows.map(({ user, reasons }) => (
          <li key={user.id}>
            <Avatar name={user.name ?? ''} size={28} />
            <div className={classes.grow}>
              <div className="k-truncate">{user.name}</div>
              {reasonTexts(t, reasons).map((reason) => (
                <div key={reason} className="k-meta">{reason}</div>
              ))}
            </div>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="subtle" size="compact-sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('record.access.more', { count: total - rows.length })}
        </Button>
      )}
    </section>
  );
}
