/** The table layout: grid or phone list, keyboard, selection, bulk bar. */
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type RefObject } from 'react';

import type { RecordData } from '@/api';
import { formatValue } from '@/fields';
import { useT } from '@/i18n';
import { recordPath, usePrivilege, type Entity } from '@/metadata';
import { toast, useIsPhone, useShortcut } from '@/ui';
import { rememberList } from '../record/neighbours';
import { clampWidth, moved } from './columns';
import type { ListCommands } from './commands';
import { nextEditable, nextRow, type Cell } from './cursor';
import { canEditCell } from './editable';
import { Grid } from './Grid';
import { ListStates } from './ListStates';
import { placeKey, placeOf, rememberPlace } from './memory';
import { PhoneList } from './PhoneList';
import { ROW_HEIGHT, useDensity } from './preferences';
import { EVERYTHING, isNothing, NOTHING, toggled, withRange, withRows, type Selection } from './selection';
import { isEdited, simplified, toggledOrder, type ListState, type Search } from './state';
import { tsv } from './tsv';
import { useListModel } from './useListModel';

const BulkBar = lazy(() => import('../bulk/BulkBar').then((module) => ({ default: module.BulkBar })));

export interface PaneProps {
  entity: Entity;
  state: ListState;
  search: Search;
  change: (change: Partial<Omit<ListState, 'view'>>, replace?: boolean) => void;
  /** Open a record beside the list; null closes it. */
  open: (id: string | null) => void;
  create: () => void;
  refreshRef: RefObject<() => void>;
}

export function TablePane({ entity, state, search, change, open, create, refreshRef, filterBy }: PaneProps & { filterBy: (name: string) => void }) {
  const t = useT();
  const navigate = useNavigate();
  const phone = useIsPhone();
  const [density] = useDensity();
  const canWrite = usePrivilege(entity.name, 'write');
  const here = placeKey(entity.plural, search);
  const [place] = useState(() => placeOf(here));
  const model = useListModel(entity, state, place?.collapsed);
  const [selection, setSelection] = useState<Selection>(place?.selection ?? NOTHING);
  const [active, setActive] = useState<Cell | null>(place?.active ?? null);
  const [editing, setEditing] = useState(false);
  const anchor = useRef<string | null>(null);
  const scroll = useRef(place?.scroll ?? 0);
  const gridKey = JSON.stringify([state.view.id, state.filter, state.q, state.order, state.groupBy]);

  // Another filter means other records: what was selected before must not be acted upon unseen.
  const matching = JSON.stringify([state.filter, state.q]);
  const before = useRef(matching);
  useEffect(() => {
    if (before.current !== matching) setSelection(NOTHING);
    before.current = matching;
  }, [matching]);
  useEffect(() => {
    refreshRef.current = model.retry;
  });
  const latest = useRef({ model, selection, active, state });
  useEffect(() => {
    latest.current = { model, selection, active, state };
  });
  useEffect(
    () => () => {
      const { model, selection, active } = latest.current;
      rememberPlace(here, { scroll: scroll.current, selection, collapsed: [...model.collapsed], active });
    },
    [here],
  );

  const commands = useMemo<ListCommands>(() => {
    const now = () => latest.current;
    const hrefOf = (row: RecordData) => recordPath(entity.plural, row.id);
    const remember = () => {
      const { model, state } = now();
      rememberList({ plural: entity.plural, label: state.view.name, href: `${location.pathname}${location.search}`, ids: model.rows.map((row) => row.id), total: model.total?.value ?? null });
    };
    const setOrder = (order: string[]) => change({ order });
    const resize = (name: string, width: number | null) => {
      const { model } = now();
      const widths = { ...model.preferences.widths };
      if (width === null) delete widths[name];
      else widths[name] = clampWidth(width);
      model.setPreferences({ widths });
    };
    const setColumns = (names: string[]) => change({ columns: names.map((name) => now().state.columns.find((column) => column.name === name) ?? { name }) });
    const names = () => now().model.columns.map((column) => column.name);
    return {
      toggle: (id) => {
        anchor.current = id;
        setSelection((selection) => toggled(selection, id));
      },
      selectRange: (row) => {
        const order = now().model.rows.map((entry) => entry.id);
        const from = anchor.current;
        anchor.current = row.id;
        setSelection((selection) => withRange(selection, order, from, row.id));
      },
      selectShown: () => setSelection((selection) => withRows(selection, now().model.rows.map((row) => row.id), true)),
      clearSelection: () => setSelection(NOTHING),
      openPanel: (row) => {
        remember();
        open(row.id);
      },
      openPage: (row, newTab) => {
        remember();
        if (newTab) window.open(hrefOf(row), '_blank', 'noopener');
        else void navigate({ to: hrefOf(row) as string });
      },
      hrefOf,
      save: (row, name, value) => void now().model.edits.edit(row, name, value),
      tab: (from, step) => {
        const { model } = now();
        const next = nextEditable(model.items, model.columns, from, step, (row, column) => canEditCell(entity, row, column));
        if (!next) return;
        setActive(next);
        setEditing(true);
      },
      copy: (cell) => {
        const { model, selection } = now();
        const picked = isNothing(selection) ? [] : model.rows.filter((row) => (selection.mode === 'some' ? selection.ids.has(row.id) : !selection.except.has(row.id)));
        const shown = model.columns.filter((column) => column.attribute);
        const text = (row: RecordData, column: (typeof shown)[number]) => formatValue(column.attribute!, row[column.name], { record: row, entity });
        const item = model.items.find((entry) => entry.key === cell.key);
        const column = shown.find((entry) => entry.name === cell.column);
        const lines = picked.length
          ? [shown.map((entry) => entry.label), ...picked.map((row) => shown.map((entry) => text(row, entry)))]
          : item?.kind === 'row' && column ? [[text(item.row, column)]] : [];
        if (!lines.length) return;
        void navigator.clipboard.writeText(tsv(lines)).then(
          () => toast({ message: picked.length ? t('lists.copied', { count: picked.length }) : t('ui.copied') }),
          () => toast({ kind: 'error', message: t('lists.copyFailed') }),
        );
      },
      toggleSort: (name, add) => setOrder(toggledOrder(now().state.order, name, add)),
      setSort: (name, descending) => setOrder([descending ? `-${name}` : name]),
      hide: (name) => setColumns(names().filter((entry) => entry !== name)),
      move: (from, to) => setColumns(moved(names(), from, to)),
      resize,
      groupBy: (name) => change({ groupBy: name }),
      filterBy,
      toggleSum: (name) => {
        const { model } = now();
        const on = model.summed.includes(name);
        model.setPreferences({ sums: on ? model.summed.filter((entry) => entry !== name) : [...(model.preferences.sums ?? model.summed), name] });
      },
    };
  }, [entity, change, open, navigate, filterBy, t]);

  const group = t('lists.key.group');
  const activeRow = () => {
    const item = active && model.items.find((entry) => entry.key === active.key);
    return item?.kind === 'row' ? item.row : null;
  };
  const step = (direction: 1 | -1) => {
    const item = nextRow(model.items, active, direction);
    if (item?.kind !== 'row') return;
    setEditing(false);
    setActive({ key: item.key, column: active?.column ?? model.columns[0]!.name });
    // While a record is open beside the list, it follows.
    if (state.panel) open(item.row.id);
  };
  useShortcut('j', () => step(1), { label: t('lists.key.next'), group });
  useShortcut('k', () => step(-1), { label: t('lists.key.previous'), group });
  useShortcut('x', () => { const row = activeRow(); if (row) commands.toggle(row.id); }, { label: t('lists.key.select'), group });
  useShortcut('o', () => { const row = activeRow(); if (row) commands.openPanel(row); }, { label: t('lists.key.panel'), group });
  useShortcut('enter', (event) => { const row = activeRow(); if (row) commands.openPage(row, event.ctrlKey); }, { label: t('lists.key.open'), group });
  useShortcut('e', () => {
    const row = activeRow();
    if (!row || !active || !canWrite) return;
    const column = model.columns.find((entry) => entry.name === active.column);
    const target = canEditCell(entity, row, column) ? active : nextEditable(model.items, model.columns, active, 1, (entry, candidate) => canEditCell(entity, entry, candidate));
    if (!target) return;
    setActive(target);
    setEditing(true);
  }, { label: t('lists.key.edit'), group });
  useShortcut('escape', () => setSelection(NOTHING), { enabled: !isNothing(selection) });

  const filtered = !!simplified(state.filter) || !!state.q;
  const empty = !model.pending && !model.items.some((item) => item.kind !== 'more') && !model.items.some((item) => item.kind === 'more' && item.state === 'loading');
  const clear = () => change(model.broken.length ? model.mended() : { filter: null, q: '' });
  const shared = { model, selection, commands, initialScroll: place?.scroll ?? 0, onScroll: (top: number) => (scroll.current = top) };

  return (
    <div style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0, minWidth: 0 }}>
      {empty ? (
        <ListStates entity={entity} error={model.error} broken={model.broken} filtered={filtered} q={state.q} asInView={!isEdited(state)} onRetry={model.retry} onClear={clear} onCreate={create} />
      ) : phone ? (
        <PhoneList key={gridKey} {...shared} />
      ) : (
        <Grid
          {...shared}
          resetKey={gridKey}
          rowHeight={ROW_HEIGHT[density]}
          active={active}
          setActive={setActive}
          editing={editing}
          setEditing={setEditing}
          canWrite={canWrite}
          open={state.panel}
        />
      )}
      {!isNothing(selection) && (
        <Suspense fallback={null}>
          <BulkBar
            entity={entity}
            state={state}
            selection={selection}
            total={model.total}
            rows={model.rows}
            onSelectAll={() => setSelection(EVERYTHING)}
            onClear={() => setSelection(NOTHING)}
          />
        </Suspense>
      )}
    </div>
  );
}
