/** The list of any object: views, filters, table, board or calendar, side panel, bulk bar. All of it stands in the address. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { loadFeatureTexts, useT } from '@/i18n';
import { usePrivilege, type Entity, type View } from '@/metadata';
import { Boundary, NoPermission, ObjectIcon, PageFrame, SkeletonRows, toast, useIsPhone } from '@/ui';
import { brokenNames, mended } from '../filter/broken';
import { attributesIn } from '../filter/tree';
import { neighboursOf, rememberedList } from '../record/neighbours';
import { columnsOf } from './columns';
import { useRelatedEntities } from './entities';
import classes from './ListPage.module.css';
import { ListStates } from './ListStates';
import { useListPreferences } from './preferences';
import { allView, chosenView, EDITS, isEdited, isMissingView, readState, searchFor, type ListState, type Search, type SetSearch } from './state';
import { TablePane } from './TablePane';
import { LayoutSwitch, layoutsOf, Toolbar } from './Toolbar';
import { ViewEdits } from './ViewEdits';
import { useViews } from './views';
import { ViewTabs } from './ViewTabs';

const BoardPane = lazy(() => import('../board/BoardPane').then((module) => ({ default: module.BoardPane })));
const CalendarPane = lazy(() => Promise.all([import('../calendar/CalendarPane'), loadFeatureTexts('calendar')]).then(([module]) => ({ default: module.CalendarPane })));
const RecordSidePanel = lazy(() => import('../record/RecordPanel').then((module) => ({ default: module.RecordPanel })));
const ExportDialog = lazy(() => import('../bulk/ExportDialog'));

export interface ListPageProps {
  entity: Entity;
  search: Search;
  setSearch: SetSearch;
}

export function ListPage(props: ListPageProps) {
  const mayRead = usePrivilege(props.entity.name, 'read');
  return mayRead ? <AllowedListPage {...props} /> : <NoPermission right={props.entity.label_plural} />;
}

function AllowedListPage({ entity, search, setSearch }: ListPageProps) {
  const t = useT();
  const phone = useIsPhone();
  const views = useViews(entity);
  const canCreate = usePrivilege(entity.name, 'create');
  const all = useMemo(() => allView(entity, views, t('lists.view.all', { objects: entity.label_plural })), [entity, views, t]);
  const [preferences, setPreferences] = useListPreferences(entity.name);
  const view = chosenView(search, views, all, preferences.first);
  const first = chosenView({}, views, all, preferences.first).id;
  const missing = isMissingView(search, views);
  const signature = JSON.stringify(search);
  const state = useMemo(() => {
    const read = readState(JSON.parse(signature) as Search, view);
    return layoutsOf(entity).includes(read.layout) ? read : { ...read, layout: 'table' as const };
  }, [signature, view, entity]);
  const { find } = useRelatedEntities(entity, [...state.columns.map((column) => column.name), ...attributesIn(state.filter), ...state.order.map((entry) => entry.replace(/^-/, ''))]);
  const columns = useMemo(() => columnsOf(entity, state.columns, preferences.widths ?? {}, find), [entity, state.columns, preferences.widths, find]);
  const broken = brokenNames(entity, state, find);
  const [asked, setAsked] = useState<string | null>(null);
  const [exporting, setExporting] = useState(false);
  const refreshRef = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (missing) toast({ id: 'missing-view', message: t('lists.view.missing') });
  }, [missing, t]);

  const change = useCallback(
    // The view is named with the first change: a filter without a view would be one on all records.
    (next: Partial<Omit<ListState, 'view'>>, replace?: boolean) => setSearch({ ...('filter' in next || view.id === all.id ? { view: view.id } : {}), ...searchFor(view, next) }, { replace }),
    [setSearch, view, all.id],
  );
  const choose = useCallback((next: View) => setSearch({ ...EDITS, layout: null, by: null, q: null, panel: null, view: next.id === first ? null : next.id }), [setSearch, first]);
  const create = useCallback(() => setSearch({ create: entity.name }), [setSearch, entity.name]);
  const open = useCallback((id: string | null) => change({ panel: id }, state.panel !== null), [change, state.panel]);
  const edited = isEdited(state);
  const neighbours = state.panel ? neighboursOf(rememberedList(entity.plural), state.panel) : null;
  const pane = { entity, state, change, open, create, search };

  return (
    <PageFrame
      title={entity.label_plural}
      documentTitle={`${state.view.name} · ${entity.label_plural}`}
      icon={phone ? undefined : <ObjectIcon name={entity.icon} color={entity.color} size={24} />}
      tabs={<ViewTabs entity={entity} views={views} all={all} current={view} edited={edited} preferences={preferences} setPreferences={setPreferences} choose={choose} state={state} first={first} />}
      actions={
        // On a phone creating is in the bar below, the layout among the options.
        !phone && (
        <>
          <LayoutSwitch entity={entity} layout={state.layout} onChange={(layout) => change({ layout })} />
          {canCreate && (
            <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={create} aria-label={t('lists.create', { object: entity.label })}>
              {entity.label}
            </Button>
          )}
        </>
        )
      }
      toolbar={
        <Toolbar
          entity={entity}
          state={state}
          columns={columns}
          find={find}
          change={change}
          asked={asked}
          onAsked={() => setAsked(null)}
          onExport={() => setExporting(true)}
          onRefresh={() => refreshRef.current()}
          edits={edited && <ViewEdits entity={entity} state={state} widths={preferences.widths ?? {}} reset={() => setSearch(EDITS)} choose={choose} />}
        />
      }
      fixed
    >
      <div className={classes.body} data-panel={state.panel ? true : undefined}>
        <Boundary resetKey={signature}>
          <Suspense fallback={<SkeletonRows />}>
            {state.layout !== 'table' && broken.length ? (
              <ListStates entity={entity} error={null} broken={broken} filtered q={state.q} onRetry={() => refreshRef.current()} onClear={() => change(mended(entity, state, broken, find))} onCreate={create} />
            ) : state.layout === 'board' ? (
              <BoardPane {...pane} refreshRef={refreshRef} />
            ) : state.layout === 'calendar' ? (
              <CalendarPane entity={entity} state={state} search={search} setSearch={setSearch} open={open} refreshRef={refreshRef} />
            ) : (
              <TablePane {...pane} filterBy={setAsked} refreshRef={refreshRef} />
            )}
          </Suspense>
        </Boundary>
        {state.panel && (
          <Suspense fallback={null}>
            <RecordSidePanel
              object={entity.name}
              id={state.panel}
              onClose={() => open(null)}
              onPrevious={neighbours?.previous ? () => open(neighbours.previous) : undefined}
              onNext={neighbours?.next ? () => open(neighbours.next) : undefined}
            />
          </Suspense>
        )}
      </div>
      {exporting && (
        <Suspense fallback={null}>
          <ExportDialog entity={entity} state={state} target={null} onClose={() => setExporting(false)} />
        </Suspense>
      )}
    </PageFrame>
  );
}
