/** The line below the title: quick find, filter chips, sort, group, columns, layout, density. */
import { ActionIcon, CloseButton, Menu, TextInput, UnstyledButton } from '@mantine/core';
import { IconAdjustments, IconDownload, IconFileImport, IconRefresh, IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';

import { useT } from '@/i18n';
import { usePrivilege, type Entity, type Layout } from '@/metadata';
import { useIsPhone, useMedia, useShortcut } from '@/ui';
import { BoardAttributeMenu } from '../board/BoardAttributeMenu';
import { FilterBar } from '../filter/FilterBar';
import type { FindEntity } from '../filter/paths';
import { ColumnChooser } from './ColumnChooser';
import type { Column } from './columns';
import { GroupMenu } from './GroupMenu';
import { DENSITIES, useDensity } from './preferences';
import { SortMenu } from './SortMenu';
import type { ListState } from './state';
import classes from './toolbar.module.css';
import { LAYOUT_ICON } from './ViewTabs';

const TYPING_MS = 200;
const ICON = { size: 16, stroke: 1.75 } as const;

/** Searches within the list while typing; Escape empties it. */
export function QuickFind({ entity, q, onChange }: { entity: Entity; q: string; onChange: (q: string) => void }) {
  const t = useT();
  const [text, setText] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(q);
  useEffect(() => {
    // The address changed from elsewhere: back button, another view.
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [q]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  useShortcut('/', () => input.current?.focus(), { label: t('lists.key.find'), group: t('lists.key.group') });
  return (
    <TextInput
      ref={input}
      className={classes.find}
      size="xs"
      type="text"
      role="searchbox"
      placeholder={t('lists.find', { objects: entity.label_plural })}
      aria-label={t('lists.find', { objects: entity.label_plural })}
      leftSection={<IconSearch {...ICON} />}
      rightSection={text && <CloseButton size="xs" aria-label={t('fields.clear')} onClick={() => setText('')} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        if (text) setText('');
        else input.current?.blur();
      }}
    />
  );
}

/** Table, board or calendar, as far as the object has them. */
export function layoutsOf(entity: Entity): Layout[] {
  return ['table', ...(entity.board ? (['board'] as const) : []), ...(entity.calendar ? (['calendar'] as const) : [])];
}

export function LayoutSwitch({ entity, layout, onChange }: { entity: Entity; layout: Layout; onChange: (layout: Layout) => void }) {
  const t = useT();
  const layouts = layoutsOf(entity);
  if (layouts.length < 2) return null;
  return (
    <div className={classes.layouts} role="group" aria-label={t('lists.layout')}>
      {layouts.map((entry) => {
        const Sign = LAYOUT_ICON[entry];
        return (
          <UnstyledButton key={entry} className={classes.layout} aria-pressed={entry === layout} aria-label={t(`lists.layout.${entry}`)} title={t(`lists.layout.${entry}`)} onClick={() => onChange(entry)}>
            <Sign {...ICON} aria-hidden />
          </UnstyledButton>
        );
      })}
    </div>
  );
}

export interface ToolbarProps {
  entity: Entity;
  state: ListState;
  columns: Column[];
  find: FindEntity;
  change: (change: Partial<Omit<ListState, 'view'>>, replace?: boolean) => void;
  asked: string | null;
  onAsked: () => void;
  onExport: () => void;
  onRefresh: () => void;
  /** Save, save as, reset: shown when something differs from the view. */
  edits: ReactNode;
}

export function Toolbar({ entity, state, columns, find, change, asked, onAsked, onExport, onRefresh, edits }: ToolbarProps) {
  const t = useT();
  const phone = useIsPhone();
  const narrow = useMedia('(max-width: 1200px)');
  const [density, setDensity] = useDensity();
  const canImport = usePrivilege(entity.name, 'import') && entity.features.includes('import');
  const canExport = usePrivilege(entity.name, 'export') && entity.features.includes('export');
  const table = state.layout === 'table';
  return (
    <div className={classes.toolbar}>
      <div className={classes.left}>
        <QuickFind entity={entity} q={state.q} onChange={(q) => change({ q }, true)} />
        <FilterBar entity={entity} filter={state.filter} find={find} onChange={(filter) => change({ filter })} asked={asked} onAsked={onAsked} />
        {edits}
      </div>
      <div className={classes.right}>
        {(table || phone) && <SortMenu entity={entity} order={state.order} find={find} onChange={(order) => change({ order })} compact={narrow} />}
        {state.layout === 'board' && <BoardAttributeMenu entity={entity} attribute={state.boardAttribute} compact={narrow} onChange={(boardAttribute) => change({ boardAttribute })} />}
        {table && <GroupMenu entity={entity} groupBy={state.groupBy} onChange={(groupBy) => change({ groupBy })} compact={narrow} />}
        {table && !phone && (
          <ColumnChooser entity={entity} columns={columns} compact={narrow} onChange={(names) => change({ columns: names.map((name) => state.columns.find((column) => column.name === name) ?? { name }) })} />
        )}
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('lists.options')} title={t('lists.options')}>
              <IconAdjustments {...ICON} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {phone && layoutsOf(entity).length > 1 && (
              <>
                <Menu.Label>{t('lists.layout')}</Menu.Label>
                {layoutsOf(entity).map((entry) => {
                  const Sign = LAYOUT_ICON[entry];
                  return (
                    <Menu.Item key={entry} role="menuitemradio" aria-checked={entry === state.layout} fw={entry === state.layout ? 600 : undefined} leftSection={<Sign {...ICON} />} onClick={() => change({ layout: entry })}>
                      {t(`lists.layout.${entry}`)}
                    </Menu.Item>
                  );
                })}
                <Menu.Divider />
              </>
            )}
            {!phone && table && (
              <>
                <Menu.Label>{t('lists.density')}</Menu.Label>
                {DENSITIES.map((entry) => (
                  <Menu.Item key={entry} role="menuitemradio" aria-checked={entry === density} fw={entry === density ? 600 : undefined} onClick={() => setDensity(entry)}>
                    {t(`lists.density.${entry}`)}
                  </Menu.Item>
                ))}
                <Menu.Divider />
              </>
            )}
            <Menu.Item leftSection={<IconRefresh {...ICON} />} onClick={onRefresh}>
              {t('lists.refresh')}
            </Menu.Item>
            {canExport && (
              <Menu.Item leftSection={<IconDownload {...ICON} />} onClick={onExport}>
                {t('lists.export')}
              </Menu.Item>
            )}
            {canImport && (
              <Menu.Item leftSection={<IconFileImport {...ICON} />} component="a" href={`/import?object=${entity.name}`}>
                {t('lists.import')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}
