/** What to do with the selected records; floats over the bottom of the list. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload, IconPencil, IconTrash, IconUserShare, IconX, IconBolt, IconUserMinus, IconUsers } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

import type { Job, RecordData } from '@/api';
import { loadFeatureTexts, useT } from '@/i18n';
import { attributeOf, usePrivilege, type Action, type Entity } from '@/metadata';
import { Opening, formatNumber, Icon, toast, useIsPhone, useShortcut } from '@/ui';
import { bulkTarget, selectedCount, type Selection } from '../list/selection';
import type { ListState } from '../list/state';
import type { Total } from '../list/useListModel';
import { useOpenList } from '../members/context';
import classes from './bulk.module.css';
import { AT_ONCE_UP_TO, bulkActions, bulkRequest } from './request';
import { useBulk } from './useBulk';

const BulkDialog = lazy(() => import('./BulkDialog'));
const ExportDialog = lazy(() => import('./ExportDialog'));
const FailuresDialog = lazy(() => import('./FailuresDialog'));
const AddToListDialog = lazy(() => Promise.all([import('../members/AddToListDialog'), loadFeatureTexts('members')]).then(([module]) => module));
const ICON = { size: 16, stroke: 1.75 } as const;

export interface BulkBarProps {
  entity: Entity;
  state: ListState;
  selection: Selection;
  total: Total | null;
  rows: RecordData[];
  onSelectAll: () => void;
  onClear: () => void;
}

export type BulkTask = { kind: 'edit' } | { kind: 'assign' } | { kind: 'delete' } | { kind: 'action'; action: Action };

export function BulkBar({ entity, state, selection, total, rows, onSelectAll, onClear }: BulkBarProps) {
  const t = useT();
  const phone = useIsPhone();
  const [task, setTask] = useState<BulkTask | null>(null);
  const [exporting, setExporting] = useState(false);
  const [failures, setFailures] = useState<Job | null>(null);
  const rights = {
    write: usePrivilege(entity.name, 'write') && entity.features.includes('bulk'),
    assign: usePrivilege(entity.name, 'assign') && !!attributeOf(entity, 'owner'),
    delete: usePrivilege(entity.name, 'delete'),
    export: usePrivilege(entity.name, 'export') && entity.features.includes('export'),
  };
  const openList = useOpenList();
  const [listing, setListing] = useState(false);
  const mayList = usePrivilege(entity.collected_in?.object ?? '', 'write');
  const chosen = () => {
    const target = bulkTarget(selection, state.filter, state.q);
    return target.ids ? { ids: target.ids } : { filter: target.filter, q: target.q };
  };
  const bulk = useBulk(entity, onClear, setFailures);
  const count = selectedCount(selection, total?.value ?? null);
  const countText = count === null ? t('lists.bulk.allSelected') : total && !total.exact && selection.mode === 'all' ? t('lists.bulk.selectedMore', { count: formatNumber(count) }) : t('lists.bulk.selected', { count });
  const offerAll = selection.mode === 'some' && count !== null && rows.length > 0 && count >= rows.length && total !== null && (total.value > count || !total.exact);
  const actions = bulkActions(entity);

  const remove = () => {
    if (selection.mode === 'some' && selection.ids.size <= AT_ONCE_UP_TO) {
      bulk.mutate(bulkRequest(entity, selection, state.filter, state.q, { operation: 'delete' }));
    } else setTask({ kind: 'delete' });
  };
  useShortcut('delete', () => rights.delete && remove(), { label: t('lists.bulk.delete'), group: t('lists.key.group') });
  const start = (next: BulkTask) => {
    if (selection.mode === 'all' && selection.except.size > 1000) toast({ kind: 'error', message: t('lists.bulk.tooManyExceptions') });
    else setTask(next);
  };

  return (
    <>
      <div className={classes.bar} role="region" aria-label={t('lists.bulk')}>
        <span className={classes.count} aria-live="polite">
          {countText}
        </span>
        {offerAll && (
          <Button size="compact-sm" variant="subtle" onClick={onSelectAll}>
            {total.exact ? t('lists.bulk.selectAll', { count: total.value }) : t('lists.bulk.selectAllMore', { count: formatNumber(total.value) })}
          </Button>
        )}
        <span className={classes.divider} aria-hidden />
        {rights.write && (
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconPencil {...ICON} />} onClick={() => start({ kind: 'edit' })}>
            {t('ui.edit')}
          </Button>
        )}
        {rights.assign && !phone && (
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconUserShare {...ICON} />} onClick={() => start({ kind: 'assign' })}>
            {t('lists.bulk.assign')}
          </Button>
        )}
        {openList && (
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconUserMinus {...ICON} />} onClick={() => openList.remove(chosen(), onClear)}>
            {t('members.remove')}
          </Button>
        )}
        {mayList && !phone && (
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconUsers {...ICON} />} onClick={() => setListing(true)}>
            {t('lists.members.addTo')}
          </Button>
        )}
        {rights.export && !phone && (
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconDownload {...ICON} />} onClick={() => setExporting(true)}>
            {t('lists.export')}
          </Button>
        )}
        {(actions.length > 0 || phone) && (
          <Menu position="top-end" width={240}>
            <Menu.Target>
              <Button size="compact-sm" variant="subtle" color="gray" leftSection={phone ? undefined : <IconBolt {...ICON} />} rightSection={<IconChevronDown {...ICON} />}>
                {phone ? t('ui.more') : t('lists.bulk.actions')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {phone && rights.assign && (
                <Menu.Item leftSection={<IconUserShare {...ICON} />} onClick={() => start({ kind: 'assign' })}>
                  {t('lists.bulk.assign')}
                </Menu.Item>
              )}
              {phone && mayList && (
                <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => setListing(true)}>
                  {t('lists.members.addTo')}
                </Menu.Item>
              )}
              {phone && rights.export && (
                <Menu.Item leftSection={<IconDownload {...ICON} />} onClick={() => setExporting(true)}>
                  {t('lists.export')}
                </Menu.Item>
              )}
              {actions.map((action) => (
                <Menu.Item key={action.name} leftSection={<Icon name={action.icon ?? 'bolt'} />} color={action.destructive ? 'red' : undefined} onClick={() => start({ kind: 'action', action })}>
                  {action.label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {rights.delete && (
          <Button size="compact-sm" variant="subtle" color="red" leftSection={<IconTrash {...ICON} />} loading={bulk.isPending && !task} onClick={remove} aria-label={t('lists.bulk.delete')}>
            {phone ? null : t('ui.delete')}
          </Button>
        )}
        <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('lists.bulk.clear')} title={t('lists.bulk.clear')} onClick={onClear}>
          <IconX {...ICON} />
        </ActionIcon>
      </div>
      <Suspense fallback={<Opening />}>
        {task && <BulkDialog entity={entity} state={state} selection={selection} task={task} running={bulk.isPending} onClose={() => setTask(null)} onRun={(request) => bulk.mutate(request, { onSuccess: () => setTask(null) })} />}
        {listing && <AddToListDialog entity={entity} members={chosen()} onClose={() => setListing(false)} onDone={() => (setListing(false), onClear())} />}
        {exporting && <ExportDialog entity={entity} state={state} target={selection} onClose={() => setExporting(false)} />}
        {failures && <FailuresDialog job={failures} onClose={() => setFailures(null)} />}
      </Suspense>
    </>
  );
}
