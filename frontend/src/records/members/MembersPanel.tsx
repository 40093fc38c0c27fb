/** The members of a marketing list on its record page: the normal list, narrowed to them; added, removed, found by a filter. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDots, IconExternalLink, IconFilter, IconFilterOff, IconPlus, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';

import { errorMessage, keys, listRecords, updateRecord, type ApiError, type Filter } from '@/api';
import { useT } from '@/i18n';
import { recordName, recordPath, useEntity, useObject, type Collects, type Entity } from '@/metadata';
import { EmptyState, ErrorState, formatNumber, Opening, SkeletonRows, toast } from '@/ui';
import { both } from '../filter/tree';
import { allView, readState, type ListState } from '../list/state';
import { TablePane } from '../list/TablePane';
import { useViews } from '../list/views';
import { afterWrite } from '../record/cache';
import { useOpenRecord } from '../record/RecordContext';
import { ListMembersContext, type OpenList } from './context';
import classes from './members.module.css';
import { inList } from './sheet';
import { useMembers, type MemberAction } from './useMembers';
import { Words } from './Words';

const FilterDialog = lazy(() => import('./FilterDialog'));
const ChooseDialog = lazy(() => import('./ChooseDialog'));
const ICON = { size: 16, stroke: 1.75 } as const;
const MOST_COLUMNS = 5;

type Asking = 'choose' | 'filter' | 'add_by_query' | 'remove_by_query' | 'evaluate' | null;

export function MembersPanel({ collects }: { collects: Collects }) {
  const t = useT();
  const { record } = useOpenRecord();
  const name = collects.objects[String(record[collects.of])] ?? '';
  const object = useObject(name);
  if (!object) return <EmptyState compact icon={<IconUsers size={20} stroke={1.75} />} title={t('members.unreadable', { objects: t('members.title') })} />;
  return (
    <Suspense fallback={<SkeletonRows rows={6} />}>
      <Members collects={collects} name={name} />
    </Suspense>
  );
}

function Members({ collects, name }: { collects: Collects; name: string }) {
  const t = useT();
  const client = useQueryClient();
  const { entity: lists, record, access, editability } = useOpenRecord();
  const entity = useEntity(name);
  const members = useMembers(lists.name);
  const [asking, setAsking] = useState<Asking>(null);
  const dynamic = record[collects.kind] === collects.dynamic;
  const kept = (record[collects.filter] ?? null) as Filter | null;
  const list = { id: record.id, name: recordName(lists, record) };
  const filter = inList(record.id);
  const query = { filter, fields: [entity.primary_attribute], limit: 1, count: 'exact' as const };
  const { data, error, refetch } = useQuery({ queryKey: [...keys.list(entity.plural, query), kept], queryFn: ({ signal }) => listRecords(entity.plural, query, signal), retry: false });
  const count = data?.count?.value ?? null;
  const closed = editability.closed;
  const changeable = access.write && !dynamic && !closed && record.locked !== true;
  const broken = (error as ApiError | null)?.code === 'list.broken';
  const brokenWithin = broken && (error as ApiError).details.list !== record.id;
  const change = (action: MemberAction, found: Filter) => members.mutateAsync({ list, action, members: { filter: found } });
  const saveFilter = async (found: Filter) => {
    afterWrite(client, lists.plural, await updateRecord(lists.plural, record.id, { [collects.filter]: found }, record.version));
    void client.invalidateQueries({ queryKey: keys.recordsOf(entity.plural) });
    toast({ kind: 'success', message: t('members.filter.saved') });
  };
  const href = listHref(entity, filter);
  const editFilter = dynamic && access.write && !closed && (
    <Button size="compact-sm" variant={kept ? 'default' : 'filled'} leftSection={<IconFilter {...ICON} />} onClick={() => setAsking('filter')}>
      {t(kept ? 'members.filter.edit' : 'members.filter.add')}
    </Button>
  );
  const adding = changeable && (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button size="compact-sm" leftSection={<IconPlus {...ICON} />} rightSection={<IconChevronDown {...ICON} />}>{t('members.add')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => setAsking('choose')}>{t('members.add.one')}</Menu.Item>
        <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={() => setAsking('add_by_query')}>{t('members.add.byFilter')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );

  return (
    <section className={classes.panel} aria-label={t('members.title')}>
      <div className={classes.head}>
        <h2 className={classes.title}>{t('members.title')}</h2>
        {count !== null && !error && <span className={classes.count}>{formatNumber(count)}</span>}
        <span className={classes.spacer} />
        {editFilter}
        {adding}
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('members.more')}><IconDots {...ICON} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={href} leftSection={<IconExternalLink {...ICON} />}>{t('members.open')}</Menu.Item>
            {changeable && !!count && (
              <>
                <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={() => setAsking('evaluate')}>{t('members.keep')}</Menu.Item>
                <Menu.Item leftSection={<IconFilterOff {...ICON} />} onClick={() => setAsking('remove_by_query')}>{t('members.removeByFilter')}</Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      {dynamic && kept && <div className={classes.words}><Words entity={entity} filter={kept} /></div>}
      {!dynamic && closed && <p className={classes.note}>{t('members.inactive')}</p>}
      {!dynamic && !closed && record.locked === true && <p className={classes.note}>{t('members.locked')}</p>}
      {error ? (
        broken ? <EmptyState compact role="alert" icon={<IconFilterOff size={20} stroke={1.75} />} title={t('members.broken')} body={brokenWithin ? errorMessage(error) : undefined} action={editFilter} /> : <ErrorState error={error} compact onRetry={() => void refetch()} />
      ) : count === null ? (
        <SkeletonRows rows={6} />
      ) : count === 0 ? (
        <EmptyState
          compact
          icon={<IconUsers size={20} stroke={1.75} />}
          title={t(dynamic ? 'members.none.dynamic' : 'members.none.static')}
          body={dynamic ? t(kept ? 'members.none.dynamicFiltered' : 'members.none.dynamicBody') : t('members.none.staticBody', { objects: entity.label_plural })}
        />
      ) : (
        <Table entity={entity} filter={filter} id={record.id} remove={changeable ? (found, done) => members.mutate({ list, action: 'ids' in found ? 'remove_members' : 'remove_by_query', members: found }, { onSuccess: done }) : null} />
      )}
      {asking && (
        <Suspense fallback={<Opening />}>
          {asking === 'choose' ? (
            <ChooseDialog entity={entity} title={t('members.add.title', { name: list.name })} onClose={() => setAsking(null)} onRun={(ids) => members.mutateAsync({ list, action: 'add_members', members: { ids } })} />
          ) : (
            <FilterDialog
              entity={entity}
              title={asking === 'filter' ? t('members.filter.title', { name: list.name }) : asking === 'add_by_query' ? t('members.add.title', { name: list.name }) : t(asking === 'evaluate' ? 'members.keep' : 'members.removeByFilter')}
              filter={asking === 'filter' ? kept : null}
              run={asking === 'filter' ? t('members.filter.save') : t(asking === 'add_by_query' ? 'members.add' : asking === 'evaluate' ? 'members.keep' : 'members.remove')}
              among={asking === 'evaluate' || asking === 'remove_by_query' ? (found) => both(filter, found)! : undefined}
              onClose={() => setAsking(null)}
              onRun={(found) => (asking === 'filter' ? saveFilter(found) : change(asking, found))}
            />
          )}
        </Suspense>
      )}
    </section>
  );
}

const listHref = (entity: Entity, filter: Filter): string => `/${entity.plural}?filter=${encodeURIComponent(JSON.stringify(filter))}`;

type Remove = OpenList['remove'];

/** The table of the object's list page; which records it shows is fixed. */
function Table({ entity, filter, id, remove }: { entity: Entity; filter: Filter; id: string; remove: Remove | null }) {
  const router = useRouter();
  const views = useViews(entity);
  const [changes, setChanges] = useState<Partial<Omit<ListState, 'view'>>>({});
  const refreshRef = useRef<() => void>(() => undefined);
  const state = useMemo(() => {
    const base = allView(entity, views, entity.label_plural);
    const view = { ...base, filter, columns: base.columns.slice(0, MOST_COLUMNS) };
    return { ...readState({}, view), ...changes, layout: 'table' as const, filter, q: '' };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the filter is that of the list's id
  }, [entity, views, id, changes]);
  const context = useMemo(() => (remove ? { remove } : null), [remove]);
  return (
    <ListMembersContext value={context}>
      <div className={classes.table}>
        <TablePane
          entity={entity}
          state={state}
          search={{ members: id }}
          change={(next) => setChanges((before) => ({ ...before, ...next }))}
          open={(row) => row && router.history.push(recordPath(entity.plural, row))}
          create={() => router.history.push(`/${entity.plural}`)}
          // Narrowing them further is done on the whole page of the list.
          filterBy={() => router.history.push(listHref(entity, filter))}
          refreshRef={refreshRef}
        />
      </div>
    </ListMembersContext>
  );
}
