import { useT } from '@/i18n';
import { recordName, recordPath, type Entity } from '@/metadata';
import { toast, useShortcut } from '@/ui';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronLeft, IconChevronUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { neighboursOf, rememberedList } from './neighbours';
import classes from './page.module.css';
import { RecordContent, type RecordTab } from './RecordContent';
import { RecordProblem, RecordSkeleton } from './RecordStates';
import { recordQuery } from './useRecord';

export interface RecordPageProps {
  entity: Entity;
  id: string;
  /** Query parameters of the address: `tab`, `timeline` (filter), `editing`. */
  search: Record<string, unknown>;
  setSearch: (next: Record<string, unknown>, options?: { replace?: boolean }) => void;
}

/** One record on its own page: `/accounts/ID`. */
export function RecordPage({ entity, id, search, setSearch }: RecordPageProps) {
  const t = useT();
  const router = useRouter();
  const { data: record, error, refetch } = useQuery(recordQuery(entity.plural, id));
  const name = record ? recordName(entity, record) : null;
  useEffect(() => {
    document.title = name ? `${name} – ${entity.label}` : entity.label;
  }, [name, entity.label]);
  const stays = search.merged === 'stay';
  const onward = typeof record?.merged_into === 'string' ? record.merged_into : null;
  useEffect(() => {
    if (!onward || stays) return;
    toast({
      id: `merged-${id}`,
      message: t('record.merged.moved', { name: name ?? '' }),
      action: { label: t('record.merged.showOld'), run: () => router.history.push(`${recordPath(entity.plural, id)}?merged=stay`) },
    });
    router.history.replace(recordPath(entity.plural, onward));
  }, [onward, stays, id, name, entity.plural, router, t]);
  return (
    <div className={classes.page}>
      <Breadcrumb entity={entity} id={id} />
      {onward && stays && (
        <p className={classes.merged} role="status">
          {t('record.merged.banner')} <a href={recordPath(entity.plural, onward)}>{t('record.merged.open')}</a>
        </p>
      )}
      {record ? (
        <RecordContent
          entity={entity}
          record={record}
          view={{
            tab: (typeof search.tab === 'string' ? search.tab : 'details') as RecordTab,
            filter: typeof search.timeline === 'string' ? search.timeline : 'all',
            editing: search.editing === true || search.editing === 'true',
          }}
          onView={({ tab, filter, editing }) =>
            setSearch(
              {
                ...(tab !== undefined && { tab: tab === 'details' ? null : tab }),
                ...(filter !== undefined && { timeline: filter === 'all' ? null : filter }),
                ...(editing !== undefined && { editing: editing || null }),
              },
              { replace: true },
            )
          }
          onGone={(path) => router.history.push(path)}
        />
      ) : error ? (
        <RecordProblem entity={entity} id={id} error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordSkeleton />
      )}
    </div>
  );
}

/** Back to the list one came from, and to the records beside this one in it. */
function Breadcrumb({ entity, id }: { entity: Entity; id: string }) {
  const t = useT();
  const router = useRouter();
  const list = rememberedList(entity.plural);
  const beside = neighboursOf(list, id);
  const go = (to: string | null | undefined) => to && router.history.push(recordPath(entity.plural, to));
  useShortcut('[', () => go(beside?.previous), { enabled: !!beside?.previous, label: t('record.neighbours.previous'), group: t('record.keys.group') });
  useShortcut(']', () => go(beside?.next), { enabled: !!beside?.next, label: t('record.neighbours.next'), group: t('record.keys.group') });
  return (
    <nav className={classes.crumbs} aria-label={t('record.breadcrumb')}>
      <a className={classes.crumb} href={list?.href ?? `/${entity.plural}`}>
        <IconChevronLeft size={16} stroke={1.75} aria-hidden />
        {entity.label_plural}
        {list && list.label !== entity.label_plural && <span className="k-truncate"> / {list.label}</span>}
      </a>
      {beside && (
        <span className={classes.neighbours}>
          <span className={classes.position}>{t('record.neighbours.position', { position: beside.position, total: beside.list.total ?? beside.list.ids.length })}</span>
          <Tooltip label={t('record.neighbours.previous')}>
            <ActionIcon variant="subtle" color="gray" size={24} disabled={!beside.previous} aria-label={t('record.neighbours.previous')} onClick={() => go(beside.previous)}>
              <IconChevronUp size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('record.neighbours.next')}>
            <ActionIcon variant="subtle" color="gray" size={24} disabled={!beside.next} aria-label={t('record.neighbours.next')} onClick={() => go(beside.next)}>
              <IconChevronDown size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        </span>
      )}
    </nav>
  );
}
