import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconSearchOff } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { search as searchRecords } from '@/api/workspace';
import { useT } from '@/i18n';
import { useObjects } from '@/metadata';
import { ObjectIcon } from '@/ui/icons';
import { PageFrame } from '@/ui/PageFrame';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { isNavigable } from '../shell/groups';
import { Excerpt, Marked } from './Marked';
import classes from './search.module.css';
import { useUrlSearch } from './urlSearch';

const PER_OBJECT = 20;
/** The API gives at most fifty of one object. */
const MOST = 50;
const SHORTEST = 2;

/** `/search?q=`: the long form of the search, by object, with what matched marked. */
export default function SearchRoute() {
  const t = useT();
  const objects = useObjects();
  const [url, setUrl] = useUrlSearch();
  const text = String(url.q ?? '').trim();
  const only = typeof url.object === 'string' ? url.object : null;
  const [typed, setTyped] = useState(text);
  const commit = useDebouncedCallback((value: string) => setUrl({ q: value.trim() || null }, { replace: true }), 200);
  const asked = text.length >= SHORTEST;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.search(text, only ? [only] : []),
    queryFn: ({ signal }) => searchRecords({ q: text, objects: only ? [only] : undefined, limit: only ? MOST : PER_OBJECT }, signal),
    enabled: asked,
    placeholderData: keepPreviousData,
  });
  const searchable = objects.filter(isNavigable);

  return (
    <PageFrame
      title={t('search.title')}
      toolbar={
        <>
          <TextInput
            style={{ flex: '1 1 320px', maxWidth: 560 }}
            aria-label={t('search.title')}
            placeholder={t('search.placeholder')}
            leftSection={<IconSearch size={16} stroke={1.75} />}
            value={typed}
            autoFocus
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              commit(event.currentTarget.value);
            }}
          />
          <select className={classes.select} aria-label={t('search.allObjects')} value={only ?? ''} onChange={(event) => setUrl({ object: event.currentTarget.value || null })}>
            <option value="">{t('search.allObjects')}</option>
            {searchable.map((object) => (
              <option key={object.name} value={object.name}>{object.label_plural}</option>
            ))}
          </select>
        </>
      }
    >
      {!asked && <EmptyState icon={<IconSearch size={20} stroke={1.75} />} title={t('search.start')} body={t('search.startBody')} />}
      {asked && error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {asked && isPending && !error && <SkeletonRows />}
      {asked && data && !data.groups.length && <EmptyState icon={<IconSearchOff size={20} stroke={1.75} />} title={t('search.none', { text })} body={t('search.noneBody')} />}
      {asked && data?.groups.map((group) => {
        const object = objects.find((entry) => entry.name === group.object);
        return (
          <section key={group.object} className={classes.group}>
            <h2 className={classes.heading}>
              <ObjectIcon name={object?.icon} color={object?.color} /> {group.label}
            </h2>
            {group.rows.map((row) => (
              <a key={row.id} className={classes.row} href={object ? `/${object.plural}/${row.id}` : undefined}>
                <span className={classes.name}><Marked text={row.name} part={text} /></span>
                <span className={classes.facts}>{row.facts.map((fact, index) => <span key={index}>{index > 0 && ' · '}<Marked text={fact} part={text} /></span>)}</span>
                {row.excerpt && <Excerpt parts={row.excerpt} className={classes.excerpt} />}
              </a>
            ))}
          </section>
        );
      })}
    </PageFrame>
  );
}
