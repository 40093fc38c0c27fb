/** Views as tabs beside the title: the pinned ones, the present one, and a menu of all. */
import { ActionIcon, Button, Menu, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconDeviceFloppy, IconDots, IconPinned, IconPinnedOff, IconTrash,  IconLink, IconLayoutKanban, IconCalendar, IconStar, IconStarFilled, IconTable, IconUsers, IconUsersGroup } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

import { loadFeatureTexts, useT } from '@/i18n';
import { usePrivilege, useSession, type Entity, type View } from '@/metadata';
import { Opening, toast, useIsPhone } from '@/ui';
import classes from './views.module.css';
import type { ListPreferences } from './preferences';
import { ALL_VIEW, layoutOf, simplified, type ListState } from './state';
import { ownerId, useViewMutations, viewBody } from './views';

const ViewDialog = lazy(() => import('./ViewDialog'));
const StandardViewDialog = lazy(() => import('./StandardViewDialog'));
const SaveAsListDialog = lazy(() => Promise.all([import('../members/SaveAsListDialog'), loadFeatureTexts('members')]).then(([module]) => module));
const ICON = { size: 16, stroke: 1.75 } as const;
export const LAYOUT_ICON = { table: IconTable, board: IconLayoutKanban, calendar: IconCalendar } as const;

/** Pinned until the user chooses: the delivered views, as far as there is room. */
const PINNED_FIRST = 4;

export function pinnedViews(views: View[], preferences: ListPreferences): View[] {
  if (preferences.pinned) return preferences.pinned.flatMap((id) => views.find((view) => view.id === id) ?? []);
  return views.filter((view) => view.kind === 'standard').slice(0, PINNED_FIRST);
}

export interface ViewTabsProps {
  entity: Entity;
  views: View[];
  all: View;
  current: View;
  edited: boolean;
  preferences: ListPreferences;
  setPreferences: (change: ListPreferences) => void;
  choose: (view: View) => void;
  state: ListState;
  /** Id of the view that opens first for this user. */
  first: string;
}

export function ViewTabs({ entity, views, all, current, edited, preferences, setPreferences, choose, state, first }: ViewTabsProps) {
  const t = useT();
  const phone = useIsPhone();
  const session = useSession();
  const { create, update, remove, standard: makeStandard } = useViewMutations(entity);
  const customizes = session.capabilities.includes('customize');
  const [copying, setCopying] = useState(false);
  const [standardizing, setStandardizing] = useState<View | null>(null);
  const [listing, setListing] = useState(false);
  const mayList = usePrivilege(entity.collected_in?.object ?? '', 'create');
  const [renaming, setRenaming] = useState<View | null>(null);
  const pinned = pinnedViews(views, preferences);
  const pinnedIds = pinned.map((view) => view.id);
  const tabs = phone ? [current] : pinned.some((view) => view.id === current.id) ? pinned : [...pinned, current];
  const mine = views.filter((view) => view.kind !== 'standard' && ownerId(view) === session.user.id);
  const shared = views.filter((view) => view.kind !== 'standard' && ownerId(view) !== session.user.id);
  const delivered = views.filter((view) => view.kind === 'standard');
  // Where a standard view filters nothing, the built-in one of all records would be a second entry of the same name.
  const standard = current.id !== all.id && delivered.some((view) => !simplified(view.filter)) ? delivered : [...delivered, all];
  const togglePin = (view: View) => setPreferences({ pinned: pinnedIds.includes(view.id) ? pinnedIds.filter((id) => id !== view.id) : [...pinnedIds, view.id] });
  const owns = current.id !== ALL_VIEW && current.kind !== 'standard' && (current.editable || ownerId(current) === session.user.id);

  /** The view I open first; with none it is everybody's again. The address keeps the view that is shown now. */
  const openFirst = (view: View | null) => {
    const before = preferences.first ?? null;
    setPreferences({ first: view?.id ?? null });
    toast({ kind: 'success', message: view ? t('lists.view.firstDone', { name: view.name }) : t('lists.view.notFirstDone'), undo: async () => setPreferences({ first: before }) });
  };

  const group = (label: string, list: View[]) =>
    list.length > 0 && (
      <>
        <Menu.Label>{label}</Menu.Label>
        {list.map((view) => {
          const Sign = LAYOUT_ICON[layoutOf(view)];
          const isPinned = pinnedIds.includes(view.id);
          return (
            <div key={view.id} className={classes.entry}>
              <Menu.Item leftSection={<Sign {...ICON} />} onClick={() => choose(view)} data-current={view.id === current.id || undefined} className={classes.entryMain}>
                <span className="k-truncate">{view.name}</span>
                {view.broken?.length ? <span className={classes.brokenMark}>{t('lists.view.broken')}</span> : null}
              </Menu.Item>
              {view.id !== ALL_VIEW && (
                <ActionIcon size={28} variant="subtle" color="gray" aria-label={t(isPinned ? 'lists.view.unpin' : 'lists.view.pin', { name: view.name })} title={t(isPinned ? 'lists.view.unpin' : 'lists.view.pin', { name: view.name })} onClick={() => togglePin(view)}>
                  {isPinned ? <IconPinned {...ICON} /> : <IconPinnedOff {...ICON} />}
                </ActionIcon>
              )}
            </div>
          );
        })}
      </>
    );

  return (
    <nav className={classes.tabs} aria-label={t('lists.views')}>
      <div className={classes.scroller}>
        {tabs.map((view) => {
          const isCurrent = view.id === current.id;
          return (
            <UnstyledButton key={view.id} className={classes.tab} aria-current={isCurrent ? 'page' : undefined} data-current={isCurrent || undefined} onClick={() => choose(view)} title={view.name}>
              <span className="k-truncate">{view.name}</span>
              {isCurrent && edited && <span className={classes.edited}>{t('lists.view.edited')}</span>}
            </UnstyledButton>
          );
        })}
      </div>
      <Menu position="bottom-start" width={300}>
        <Menu.Target>
          <Button size="compact-sm" variant="subtle" color="gray" rightSection={<IconChevronDown size={16} stroke={1.75} />} className={classes.all}>
            {t('lists.views')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <div style={{ maxHeight: 420, overflowY: 'auto' }}>
            {group(t('lists.views.mine'), mine)}
            {group(t('lists.views.shared'), shared)}
            {group(t('lists.views.standard'), standard)}
          </div>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start" width={220}>
        <Menu.Target>
          <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('lists.view.more')}>
            <IconDots {...ICON} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconLink {...ICON} />}
            onClick={() => void navigator.clipboard.writeText(window.location.href).then(() => toast({ message: t('lists.view.linkCopied') }))}
          >
            {t('lists.view.copyLink')}
          </Menu.Item>
          <Menu.Item leftSection={<IconDeviceFloppy {...ICON} />} onClick={() => setCopying(true)}>
            {t('lists.view.saveAs')}
          </Menu.Item>
          {mayList && (
            <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => setListing(true)}>
              {t('lists.members.save')}
            </Menu.Item>
          )}
          {current.id !== ALL_VIEW && (
            <Menu.Item leftSection={pinnedIds.includes(current.id) ? <IconPinnedOff {...ICON} /> : <IconPinned {...ICON} />} onClick={() => togglePin(current)}>
              {t(pinnedIds.includes(current.id) ? 'lists.view.unpinThis' : 'lists.view.pinThis')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={current.id === first ? <IconStarFilled size={16} /> : <IconStar {...ICON} />} disabled={current.id === first && !preferences.first} onClick={() => openFirst(current.id === first ? null : current)}>
            {t(current.id === first && preferences.first ? 'lists.view.notFirst' : 'lists.view.first')}
          </Menu.Item>
          {customizes && current.id !== ALL_VIEW && !current.is_default && (
            <Menu.Item leftSection={<IconUsersGroup {...ICON} />} onClick={() => setStandardizing(current)}>
              {t('lists.view.standard')}
            </Menu.Item>
          )}
          {owns && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => setRenaming(current)}>
                {t('lists.view.rename')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconTrash {...ICON} />}
                color="red"
                onClick={() => {
                  remove.mutate(current);
                  choose(views.find((view) => view.is_default && view.id !== current.id) ?? all);
                }}
              >
                {t('lists.view.delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {listing && (
        <Suspense fallback={<Opening />}>
          <SaveAsListDialog entity={entity} filter={state.filter} q={state.q} onClose={() => setListing(false)} />
        </Suspense>
      )}
      {copying && (
        <Suspense fallback={<Opening />}>
          <ViewDialog
            title={t('lists.view.saveAs')}
            initial={current.id === ALL_VIEW ? '' : t('lists.view.copyOf', { name: current.name })}
            onClose={() => setCopying(false)}
            onSave={async (answer) => {
              const made = await create.mutateAsync({ ...viewBody(state, preferences.widths ?? {}), ...answer });
              setCopying(false);
              choose(made);
            }}
          />
        </Suspense>
      )}
      {standardizing && (
        <Suspense fallback={<Opening />}>
          <StandardViewDialog
            view={standardizing}
            onClose={() => setStandardizing(null)}
            onSave={async (body) => {
              await makeStandard.mutateAsync({ id: standardizing.id, body });
              setStandardizing(null);
            }}
          />
        </Suspense>
      )}
      {renaming && (
        <Suspense fallback={<Opening />}>
          <ViewDialog
            title={t('lists.view.rename')}
            initial={renaming.name}
            audience={{ shared_with: renaming.shared_with ?? 'me', teams: renaming.teams }}
            onClose={() => setRenaming(null)}
            onSave={async (answer) => {
              await update.mutateAsync({ id: renaming.id, body: answer });
              setRenaming(null);
            }}
          />
        </Suspense>
      )}
    </nav>
  );
}

