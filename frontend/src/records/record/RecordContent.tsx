import type { FullRecord } from '@/api';
import { loadFeatureTexts, useT, type Key } from '@/i18n';
import { recordPath, type Entity } from '@/metadata';
import { Opening, Boundary, confirm, SkeletonRows, useShortcut } from '@/ui';
import { useElementSize } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useActionRunner } from '../actions';
import { useQuickCreate } from '../form/QuickCreateProvider';
import { Timeline, type ComposerTab } from '../timeline';
import { madeRefs } from '../actions/parameters';
import { deleteWithUndo } from './deleteRecord';
import { copyValues } from './duplicateRecord';
import classes from './page.module.css';
import { RecordProvider, useOpenRecord } from './RecordContext';
import { RecordDetails } from './RecordDetails';
import { RecordForm } from './RecordForm';
import { RecordHeader } from './RecordHeader';
import { RelatedLists } from './RelatedList';

const AccessDialog = lazy(() => import('../sharing/AccessDialog').then((module) => ({ default: module.AccessDialog })));
const PersonalDialog = lazy(() => Promise.all([import('../personal/PersonalDialog'), loadFeatureTexts('personal')]).then(([module]) => ({ default: module.PersonalDialog })));
const MembersPanel = lazy(() => Promise.all([import('../members/MembersPanel'), loadFeatureTexts('members')]).then(([module]) => ({ default: module.MembersPanel })));
const MergeDialog = lazy(() => import('../duplicates/MergeDialog').then((module) => ({ default: module.MergeDialog })));

/** Content widths from which the three columns, or two of them, have room. */
const WIDE_PX = 1000;
const MEDIUM_PX = 680;

export type RecordTab = 'details' | 'timeline' | 'related';
const TAB_LABELS: Record<RecordTab, Key> = { details: 'record.tab.details', timeline: 'record.tab.timeline', related: 'record.tab.related' };

/** Names of the tabs, and in which order: who is on a list is what its page is about. */
const tabLabel = (entity: Entity, tab: RecordTab): Key => (tab === 'related' && entity.collects ? 'record.tab.members' : TAB_LABELS[tab]);
function tabsFor(entity: Entity, medium: boolean): RecordTab[] {
  const beside: RecordTab[] = entity.collects ? ['related', 'timeline'] : ['timeline', 'related'];
  return medium ? beside : ['details', ...beside];
}

export interface RecordView {
  tab: RecordTab;
  filter: string;
  editing: boolean;
}

export interface RecordContentProps {
  entity: Entity;
  record: FullRecord;
  view: RecordView;
  onView: (change: Partial<RecordView>) => void;
  /** In the side panel: one column, fewer buttons. */
  panel?: boolean;
  /** After the record was deleted or merged away. */
  onGone: (path: string) => void;
}

/** Header, details, timeline and related lists of one record; the same in the page and in the side panel. */
export function RecordContent({ entity, record, ...props }: RecordContentProps) {
  return (
    <RecordProvider entity={entity} record={record}>
      <Body {...props} />
    </RecordProvider>
  );
}

function Body({ view, onView, panel, onGone }: Omit<RecordContentProps, 'entity' | 'record'>) {
  const t = useT();
  const { entity, record, access, editability } = useOpenRecord();
  const client = useQueryClient();
  const router = useRouter();
  const quickCreate = useQuickCreate();
  const { ref, width } = useElementSize();
  const [composer, setComposer] = useState<ComposerTab | null>(null);
  const [merging, setMerging] = useState(false);
  const [accessOpen, setAccessOpen] = useState(false);
  const [personalOpen, setPersonalOpen] = useState(false);
  const runner = useActionRunner(entity, record, (action, answer) => {
    // Where an action made a record, such as the opportunity of a qualified lead, the related lists show it.
    if (madeRefs(action, answer.result).length) onView({ tab: 'related' });
  });
  const editable = access.write && !editability.closed;
  const edit = () => onView({ editing: true });
  useShortcut('e', edit, { enabled: editable && !view.editing && !panel, label: t('ui.edit'), group: t('record.keys.group') });

  const remove = async () => {
    // The recycle bin holds the record; a question is only asked where an edit would be lost.
    if (view.editing && !(await confirm({ title: t('record.leave.title'), body: t('record.leave.body'), confirmLabel: t('ui.delete'), destructive: true }))) return;
    if (await deleteWithUndo(client, entity, record)) onGone(`/${entity.plural}`);
  };
  const openTimeline = (composing: ComposerTab | null) => {
    onView({ tab: 'timeline' });
    if (composing) setComposer(composing);
  };
  const hasOpen = (record.timeline?.open.length ?? 0) > 0;
  const layout = panel || (width > 0 && width < MEDIUM_PX) ? 'narrow' : width >= WIDE_PX ? 'wide' : 'medium';
  const tabs = tabsFor(entity, layout === 'medium');
  const tab = tabs.includes(view.tab) ? view.tab : tabs[0]!;

  const timeline = (
    <Boundary compact>
      <Suspense fallback={<SkeletonRows rows={4} />}>
        <Timeline first={record.timeline} composer={composer} onComposer={setComposer} filter={view.filter} onFilter={(filter) => onView({ filter })} />
      </Suspense>
    </Boundary>
  );
  const details = (
    <Boundary compact>
      <RecordDetails />
    </Boundary>
  );
  const members = entity.collects && (
    <Boundary compact>
      <Suspense fallback={<SkeletonRows rows={6} />}>
        <MembersPanel collects={entity.collects} />
      </Suspense>
    </Boundary>
  );
  const panes: Record<RecordTab, ReactNode> = { details, timeline, related: members ?? <RelatedLists /> };

  return (
    <div ref={ref} className={classes.record}>
      <RecordHeader
        runner={runner}
        timeline={record.timeline}
        compact={panel}
        onPlan={() => openTimeline(hasOpen ? null : 'task')}
        onEdit={editable && !view.editing ? (panel ? () => router.history.push(`${recordPath(entity.plural, record.id)}?editing=true`) : edit) : undefined}
        onDuplicate={() => void quickCreate({ object: entity.name, defaults: copyValues(entity, record) })}
        onMerge={() => setMerging(true)}
        onAccess={() => setAccessOpen(true)}
        onPersonal={() => setPersonalOpen(true)}
        editing={view.editing}
        onHistory={() => onView({ tab: 'timeline', filter: 'changes' })}
        onDelete={() => void remove()}
        onOpenPage={panel ? () => router.history.push(recordPath(entity.plural, record.id)) : undefined}
      />
      {view.editing && editable && !panel ? (
        <RecordForm onClose={() => onView({ editing: false })} />
      ) : (
        <div className={classes.body} data-layout={layout}>
          {layout === 'wide' && <div className={classes.left}>{details}</div>}
          {layout === 'wide' && <div className={classes.middle}>{members ?? timeline}</div>}
          {layout === 'wide' && <div className={classes.right}>{members ? timeline : panes.related}</div>}
          {layout === 'medium' && <div className={classes.left}>{details}</div>}
          {layout !== 'wide' && (
            <div className={classes.middle}>
              <div role="tablist" className={classes.tabs} aria-label={t('record.tabs')}>
                {tabs.map((entry) => (
                  <button key={entry} type="button" role="tab" aria-selected={tab === entry} className={classes.tab} onClick={() => onView({ tab: entry })}>
                    {t(tabLabel(entity, entry))}
                  </button>
                ))}
              </div>
              <div role="tabpanel" className={classes.pane} data-pane={tab}>
                {panes[tab]}
              </div>
            </div>
          )}
        </div>
      )}
      {runner.dialog}
      {merging && (
        <Suspense fallback={<Opening />}>
          <MergeDialog
            entity={entity}
            record={record}
            onClose={() => setMerging(false)}
            onMerged={(master) => {
              setMerging(false);
              if (master !== record.id) onGone(recordPath(entity.plural, master));
            }}
          />
        </Suspense>
      )}
      {accessOpen && (
        <Suspense>
          <AccessDialog onClose={() => setAccessOpen(false)} />
        </Suspense>
      )}
      {personalOpen && (
        <Suspense fallback={<Opening />}>
          <PersonalDialog onClose={() => setPersonalOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
