import { Button } from '@mantine/core';
import { IconCopyCheck, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';

import { decidePairs, readWorklist, scanDuplicates, type DuplicateGroup, type DuplicateRecord, type PairState } from '@/api/duplicates';
import { errorMessage } from '@/api/errors';
import { readRecord } from '@/api/records';
import type { FullRecord } from '@/api/types';
import { useT, type Key } from '@/i18n';
import { recordPath, trackJob, useMaybeEntity, useObjects } from '@/metadata';
import { MergeDialog } from '@/records/duplicates';
import { formatRelative } from '@/ui/formatting';
import { ObjectIcon } from '@/ui/icons';
import { Keys } from '@/ui/Keys';
import { PageFrame } from '@/ui/PageFrame';
import { useShortcut } from '@/ui/shortcuts';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import classes from './duplicates.module.css';

const STATES: PairState[] = ['open', 'later', 'not_duplicate'];
const PAGE = 25;

interface Merging {
  group: DuplicateGroup;
  record: FullRecord;
  other: DuplicateRecord;
}

/** `/duplicates`: groups of records that may be the same, best first; merge, say that they are not, or look later. */
export default function DuplicatesPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const objects = useObjects();
  const search = useSearch({ strict: false }) as { object?: string; state?: PairState };
  const object = search.object ?? null;
  const state = STATES.includes(search.state as PairState) ? (search.state as PairState) : 'open';
  const [at, setAt] = useState(0);
  const [merging, setMerging] = useState<Merging | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const query = useInfiniteQuery({
    queryKey: ['worklist', object, state],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => readWorklist({ object, state, cursor: pageParam, limit: PAGE }, signal),
    getNextPageParam: (page) => page.next,
  });
  const first = query.data?.pages[0];
  const groups = query.data?.pages.flatMap((page) => page.groups) ?? [];
  const current = groups[Math.min(at, groups.length - 1)];
  const refresh = () => client.invalidateQueries({ queryKey: ['worklist'] });

  const decide = useMutation({
    mutationFn: ({ group, decision }: { group: DuplicateGroup; decision: PairState }) => decidePairs(group.pairs.map((pair) => pair.id), decision),
    onSuccess: async (_answer, { group, decision }) => {
      const pairs = group.pairs.map((pair) => pair.id);
      toast({ message: t(`duplicates.decided.${decision}` as Key, { count: group.records.length }), undo: () => decidePairs(pairs, state).then(refresh) });
      await refresh();
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const scan = useMutation({
    mutationFn: () => scanDuplicates(object),
    onSuccess: (job) => {
      trackJob(client, job);
      toast({ message: t('duplicates.scanning') });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const merge = async (group: DuplicateGroup) => {
    const [master, other] = mergeable(group);
    const plural = objects.find((entry) => entry.name === master?.object)?.plural;
    if (!master || !other || !plural) return;
    try {
      setMerging({ group, record: await readRecord(plural, master.id), other });
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    }
  };
  const move = (by: number) => {
    const next = Math.max(0, Math.min(groups.length - 1, at + by));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const keysOn = { enabled: !!current && !merging, group: t('duplicates.keys') };
  useShortcut('j', () => move(1), { ...keysOn, label: t('duplicates.next') });
  useShortcut('k', () => move(-1), { ...keysOn, label: t('duplicates.previous') });
  useShortcut('m', () => current && void merge(current), { ...keysOn, label: t('duplicates.merge') });
  useShortcut('n', () => current && decide.mutate({ group: current, decision: 'not_duplicate' }), { ...keysOn, label: t('duplicates.not') });
  useShortcut('s', () => current && decide.mutate({ group: current, decision: 'later' }), { ...keysOn, label: t('duplicates.later') });

  const setSearch = (next: Record<string, string | undefined>) => {
    setAt(0);
    void navigate({ to: '.', search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)) });
  };
  return (
    <PageFrame
      title={t('duplicates.title')}
      actions={
        <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.75} />} loading={scan.isPending} onClick={() => scan.mutate()}>
          {t('duplicates.scan')}
        </Button>
      }
      toolbar={
        <>
          <select className={classes.select} aria-label={t('duplicates.object')} value={object ?? ''} onChange={(event) => setSearch({ object: event.currentTarget.value || undefined })}>
            <option value="">{t('duplicates.allObjects')}</option>
            {objects.filter((entry) => first?.objects.includes(entry.name)).map((entry) => (
              <option key={entry.name} value={entry.name}>{entry.label_plural}</option>
            ))}
          </select>
          <select className={classes.select} aria-label={t('duplicates.state')} value={state} onChange={(event) => setSearch({ state: event.currentTarget.value === 'open' ? undefined : event.currentTarget.value })}>
            {STATES.map((name) => (
              <option key={name} value={name}>{t(`duplicates.state.${name}` as Key)}</option>
            ))}
          </select>
          {first?.scan?.finished_at && <span className="k-meta">{t('duplicates.scanned', { when: formatRelative(first.scan.finished_at) })}</span>}
        </>
      }
    >
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <SkeletonRows rows={6} height={96} />}
      {query.data && !groups.length && (
        <EmptyState icon={<IconCopyCheck size={20} stroke={1.75} />} title={t(first?.scan || state !== 'open' ? 'duplicates.none' : 'duplicates.neverScanned')} body={t('duplicates.noneBody')} />
      )}
      {groups.length > 0 && (
        <>
          <p className={classes.hint}>
            {t('duplicates.hint')} <span className={classes.keys}><Keys keys="m" /> {t('duplicates.merge')} <Keys keys="n" /> {t('duplicates.not')} <Keys keys="s" /> {t('duplicates.later')}</span>
          </p>
          <ul className={classes.list} ref={list}>
            {groups.map((group, index) => (
              <GroupCard key={group.id} group={group} state={state} current={group === current} onFocus={() => setAt(index)} onMerge={() => void merge(group)} onDecide={(decision) => decide.mutate({ group, decision })} />
            ))}
          </ul>
          {query.hasNextPage && (
            <div className={classes.more}>
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('duplicates.more')}
              </Button>
            </div>
          )}
        </>
      )}
      {merging && (
        <MergeOf
          merging={merging}
          onClose={() => setMerging(null)}
          onMerged={() => {
            setMerging(null);
            void refresh();
          }}
        />
      )}
    </PageFrame>
  );
}

/** The two records of the best pair that may be merged; records of different objects are never joined. */
function mergeable(group: DuplicateGroup): DuplicateRecord[] {
  const of = (id: string) => group.records.find((record) => record.id === id);
  for (const pair of group.pairs) {
    const both = [of(pair.first), of(pair.second)];
    if (both.every((record) => record?.mergeable) && both[0]!.object === both[1]!.object) return both as DuplicateRecord[];
  }
  return [];
}

function MergeOf({ merging, onClose, onMerged }: { merging: Merging; onClose: () => void; onMerged: () => void }) {
  const entity = useMaybeEntity(merging.other.object);
  if (!entity) return null;
  return <MergeDialog entity={entity} record={merging.record} other={merging.other} onClose={onClose} onMerged={onMerged} />;
}

interface CardProps {
  group: DuplicateGroup;
  state: PairState;
  current: boolean;
  onFocus: () => void;
  onMerge: () => void;
  onDecide: (decision: PairState) => void;
}

function GroupCard({ group, state, current, onFocus, onMerge, onDecide }: CardProps) {
  const t = useT();
  const objects = useObjects();
  return (
    <li className={classes.card} data-current={current || undefined} onFocus={onFocus} onPointerDown={onFocus}>
      <div className={classes.head}>
        <span className={classes.score} data-strong={group.score >= 90 || undefined}>{t('duplicates.score', { score: group.score })}</span>
        <span className="k-meta">{group.reasons.map((reason) => t(`duplicates.reason.${reason}` as Key)).join(' · ')}</span>
      </div>
      <ul className={classes.records}>
        {group.records.map((record) => {
          const object = objects.find((entry) => entry.name === record.object);
          return (
            <li key={record.id}>
              <a className={classes.record} href={recordPath(object?.plural ?? record.object, record.id)}>
                <ObjectIcon name={object?.icon} color={object?.color} />
                <span className={classes.text}>
                  <span className="k-truncate">{record.name}</span>
                  <span className="k-meta k-truncate">{[object?.label, ...record.facts].filter(Boolean).join(' · ')}</span>
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      <div className={classes.actions}>
        {state === 'open' ? (
          <>
            {mergeable(group).length > 0 && <Button size="xs" onClick={onMerge}>{t('duplicates.merge')}</Button>}
            <Button size="xs" variant="default" onClick={() => onDecide('not_duplicate')}>{t('duplicates.not')}</Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => onDecide('later')}>{t('duplicates.later')}</Button>
          </>
        ) : (
          <Button size="xs" variant="default" onClick={() => onDecide('open')}>{t('duplicates.reopen')}</Button>
        )}
      </div>
    </li>
  );
}
