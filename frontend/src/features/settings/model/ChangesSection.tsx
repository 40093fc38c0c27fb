import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconGitCommit, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { discardDraft, dropChange, publishDraft, readDifferences, readImpact, rollBack, type AttributeDefinition, type ChangeKind, type ChangeOperation, type Difference, type DifferenceDetail, type HistoryEntry, type Impact, type ObjectDefinition, type Problem, type RemovedOptions, type Replacements, type Use } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import type { Filter } from '@/api';
import { keys } from '@/api/keys';
import { useT, type Key, type Translate } from '@/i18n';
import { useMaybeEntity, useObjects, type Entity, type RuleAction } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { confirm } from '@/ui/confirm';
import { formatDateTime } from '@/ui/formatting';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { actionWords, conditionWords } from './designer/conditionWords';
import classes from './model.module.css';
import { ReplaceDialog } from './ReplaceDialog';
import { useFormName } from './useFormName';
import { draftOf, refreshDraft, refreshModel, useCustomization, useDraftChanges, useDraftEntity } from './useDraft';

const OPERATION_COLOR: Record<ChangeOperation, string> = { create: 'green', update: 'blue', delete: 'red' };
const KIND_WORD: Record<ChangeKind, string> = { object: 'object', attribute: 'field', override: 'field', option_list: 'list', form: 'form', view: 'view', rule: 'rule', behaviour: 'relationship', relationship: 'relationship', reasons: 'reasons' };
/** Kinds of uses in the order they are counted in. */
const USE_KINDS = ['view', 'form', 'rule', 'attribute'] as const;

/** "3 views, 2 forms, 1 rule", then their names. */
function usesText(t: Translate, uses: Use[], formName: (key: string | null) => string): string {
  const counts = USE_KINDS.map((kind) => [kind, uses.filter((use) => use.kind === kind).length] as const).filter(([, count]) => count);
  const others = uses.filter((use) => !USE_KINDS.includes(use.kind as (typeof USE_KINDS)[number])).length;
  const words = [...counts.map(([kind, count]) => t(`draft.use.${kind}`, { count })), ...(others ? [t('draft.use.other', { count: others })] : [])];
  const nameOfUse = (use: Use) => (use.kind === 'form' ? formName(use.name) : (use.label ?? use.name));
  return `${words.join(', ')}: ${[...new Set(uses.map(nameOfUse))].join(', ')}`;
}

/** What becomes of an option that goes. */
function removedText(t: Translate, option: RemovedOptions['options'][number], removed: RemovedOptions): string {
  const facts = { name: option.label, count: option.records };
  if (!option.records) return t('options.justGoes', facts);
  if (option.replacement === undefined) return t('options.undecided', facts);
  if (option.replacement === null) return t('options.becomesEmpty', facts);
  return t('options.becomes', { ...facts, replacement: removed.staying.find((entry) => entry.value === option.replacement)?.label ?? '' });
}

const messageOf = (problem: Problem | string) => (typeof problem === 'string' ? problem : problem.message);

/** The draft with its impact, publishing, and the history with the way back. */
export default function ChangesSection() {
  const t = useT();
  const client = useQueryClient();
  const customization = useCustomization();
  const impact = useQuery({ queryKey: keys.impact, queryFn: ({ signal }) => readImpact(signal) });
  const changes = impact.data?.changes ?? [];
  const problems = impact.data?.problems ?? [];

  const publish = useMutation({
    mutationFn: publishDraft,
    onSuccess: async (made) => {
      toast({ message: t('draft.published', { version: String(made.version) }), kind: 'success' });
      await refreshModel(client);
    },
  });
  const discard = useMutation({
    mutationFn: discardDraft,
    onSuccess: async () => {
      toast({ message: t('draft.discarded') });
      await refreshDraft(client);
    },
  });
  const askDiscard = async () => {
    if (await confirm({ title: t('draft.discardTitle'), body: t('draft.discardBody', { count: changes.length }), confirmLabel: t('draft.discard'), destructive: true })) discard.mutate();
  };

  const error = customization.error ?? impact.error;
  return (
    <SectionFrame
      title={t('draft.title')}
      documentTitle={t('draft.title')}
      intro={t('draft.intro')}
      actions={
        changes.length > 0 && (
          <>
            <Button variant="default" loading={discard.isPending} onClick={() => void askDiscard()}>{t('draft.discard')}</Button>
            <Button loading={publish.isPending} disabled={problems.length > 0} onClick={() => publish.mutate()}>{t('draft.publish')}</Button>
          </>
        )
      }
    >
      {error && <ErrorState compact error={error} onRetry={() => void Promise.all([customization.refetch(), impact.refetch()])} />}
      {!impact.data && !error && <SkeletonRows rows={4} />}
      {problems.length > 0 && (
        <ul className={classes.problems} role="alert" aria-label={t('draft.problems')}>
          {problems.map((problem, index) => (
            <li key={index}>{messageOf(problem)}</li>
          ))}
        </ul>
      )}
      {impact.data && (
        <Group title={t('draft.pending')}>
          {!changes.length && <EmptyState compact icon={<IconGitCommit size={18} stroke={1.75} />} title={t('draft.empty')} body={t('draft.emptyBody')} />}
          {changes.length > 0 && (
            <div className={settings.card} style={{ marginTop: 12 }}>
              {changes.map((change) => (
                <ChangeRow key={change.id} change={change} />
              ))}
            </div>
          )}
        </Group>
      )}
      {customization.data && <History entries={customization.data.history} current={customization.data.published_version} />}
    </SectionFrame>
  );
}

function ChangeRow({ change }: { change: Impact['changes'][number] }) {
  const t = useT();
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: () => dropChange(change.id),
    onSuccess: async () => {
      toast({ message: t('draft.removed') });
      await refreshDraft(client);
    },
  });
  const objects = useObjects();
  const drafts = useDraftChanges();
  const formName = useFormName();
  const definition = change.definition as AttributeDefinition & ObjectDefinition;
  const type = definition.type ? t(`model.type.${definition.type}` as Key) : null;
  const published = useMaybeEntity(change.operation === 'delete' && change.object && objects.some((object) => object.name === change.object) ? change.object : null);
  const name = change.kind === 'form' ? formName(change.name) : definition.label ?? published?.attributes.find((attribute) => attribute.name === change.name)?.label ?? objects.find((object) => object.name === change.name)?.label ?? change.name ?? '';
  const objectLabel = change.object && (objects.find((object) => object.name === change.object)?.label ?? (draftOf(drafts, 'object', change.object)?.definition as ObjectDefinition | undefined)?.label ?? change.object);
  const where = [objectLabel, type].filter(Boolean).join(' · ');
  const label = t('draft.remove', { summary: name });
  return (
    <div className={classes.change}>
      <div className={classes.changeHead}>
        <Chip color={OPERATION_COLOR[change.operation]} label={t(`draft.${change.operation}.${KIND_WORD[change.kind]}` as Key)} />
        <span className={settings.grow}>
          <b>{name}</b> {where && <span className="k-meta">{where}</span>}
        </span>
        {change.blocking && <Chip color="red" label={t('draft.blocking')} />}
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} loading={drop.isPending} onClick={() => drop.mutate()}>
            <IconX size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className={classes.uses}>
        {change.used_in.length ? `${t('draft.usedIn')} ${usesText(t, change.used_in, formName)}` : t('draft.safe')}
        {change.records != null && ` · ${t('draft.records', { count: change.records })}`}
      </p>
      {change.removed?.options.map((option) => <p key={option.value} className={classes.uses}>{removedText(t, option, change.removed!)}</p>)}
    </div>
  );
}

const nameOf = (by: HistoryEntry['by']) => (by == null ? '' : typeof by === 'string' ? by : by.name);
/** What was published in a line; the single changes are told by "What changed", in the reader's words. */
function summaryText(t: Translate, entry: HistoryEntry): string {
  if (entry.restored_from === 0) return t('draft.backToDelivered');
  if (entry.restored_from != null) return t('draft.backTo', { version: String(entry.restored_from) });
  const lines = linesOf(entry.summary);
  return lines.every((line) => /^(Create|Update|Delete) /.test(line)) ? t('draft.published.count', { count: lines.length }) : lines.join(' · ');
}

const linesOf = (summary: HistoryEntry['summary']) => (summary == null ? [] : Array.isArray(summary) ? summary : [summary]);

function History({ entries, current }: { entries: HistoryEntry[]; current: number | string }) {
  const t = useT();
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ version: number | string; lists: RemovedOptions[] } | null>(null);
  const back = useMutation({
    mutationFn: ({ version, replacements }: { version: number | string; replacements?: Replacements }) => rollBack(version, replacements),
    onError: (error, { version }) => {
      const lists = error instanceof ApiError && error.code === 'option.in_use' ? (error.details.lists as RemovedOptions[] | undefined) : undefined;
      if (lists) setAsked({ version, lists });
      else toast({ message: errorMessage(error), kind: 'error' });
    },
    onSuccess: async (made) => {
      toast({ message: t('draft.rolledBack', { version: String(made.version) }), kind: 'success' });
      setAsked(null);
      await refreshModel(client);
    },
  });
  const ask = async (version: number | string) => {
    if (await confirm({ title: t('draft.rollBackTitle', { version: String(version) }), body: t('draft.rollBackBody'), confirmLabel: t('draft.rollBack') })) back.mutate({ version });
  };
  return (
    <Group title={t('draft.history')}>
      {asked && <ReplaceDialog lists={asked.lists} busy={back.isPending} onClose={() => setAsked(null)} onDone={(replacements) => back.mutate({ version: asked.version, replacements })} />}
      {!entries.length && <p className={settings.help}>{t('draft.noHistory')}</p>}
      {entries.length > 0 && (
        <div className={settings.card} style={{ marginTop: 12 }}>
          {entries.map((entry) => (
            <div key={entry.version} className={classes.change}>
              <div className={classes.changeHead}>
                <b>{t('draft.version', { version: String(entry.version) })}</b>
                <span className="k-meta">{t('draft.by', { name: nameOf(entry.by), when: formatDateTime(entry.published_at) })}</span>
                <span className={settings.grow} />
                {String(entry.version) === String(current) ? (
                  <Chip color="green" label={t('draft.current')} />
                ) : (
                  <Button size="compact-xs" variant="subtle" className={classes.back} loading={back.isPending && back.variables.version === entry.version} onClick={() => void ask(entry.version)}>{t('draft.rollBack')}</Button>
                )}
              </div>
              <p className={classes.uses}>{summaryText(t, entry)}</p>
              <Differences version={entry.version} />
            </div>
          ))}
          <div className={classes.change}>
            <div className={classes.changeHead}>
              <b>{t('draft.delivered')}</b>
              <span className={settings.grow} />
              {String(current) === '0' ? <Chip color="green" label={t('draft.current')} /> : <Button size="compact-xs" variant="subtle" className={classes.back} onClick={() => void ask(0)}>{t('draft.rollBack')}</Button>}
            </div>
          </div>
        </div>
      )}
    </Group>
  );
}

const OPERATION_WORD: Record<ChangeOperation, Key> = { create: 'diff.create', update: 'diff.update', delete: 'diff.delete' };

const PARTS: Record<string, Key> = {
  label: 'field.label', labels: 'field.translations', label_plural: 'object.labelPlural', labels_plural: 'field.translations', primary_label: 'object.primaryLabel', description: 'object.description', icon: 'object.icon', color: 'object.color', features: 'object.features',
  help: 'field.help', helps: 'field.translations', required: 'model.required', recommended: 'model.recommended', unique: 'model.unique', searchable: 'model.searchable', max_length: 'field.maxLength', precision: 'field.precision', min: 'field.min', max: 'field.max', default: 'field.default', format: 'field.format', options: 'field.options', option_list: 'field.options', on_delete: 'field.onDelete', delete: 'field.onDelete',
  columns: 'views.columns', filter: 'views.filter', order: 'views.sort', tabs: 'diff.part.tabs', header: 'designer.header', related: 'designer.related', quick_create: 'designer.quickCreate', when: 'rules.when', then: 'rules.then', active: 'rules.active',
};
const valueText = (t: Translate, value: unknown) => (value === true ? t('fields.yes') : value === false ? t('fields.no') : value == null || value === '' ? '–' : String(value));

/** "Label: Length → Length over all", "Options: + Drones, − Boats". */
function detailText(t: Translate, detail: DifferenceDetail, kind: ChangeKind, entity: Entity | undefined): string {
  const part = PARTS[detail.part] ? t(PARTS[detail.part]!) : detail.part;
  if (['when', 'filter', 'then'].includes(detail.part)) {
    // a roll-up's filter is about other records than its object's
    const words = (value: unknown) => (detail.part === 'then' ? actionWords(t, entity!, value as RuleAction[]) : conditionWords(t, entity!, value as Filter | null));
    return `${part}: ${entity && kind !== 'attribute' ? `${words(detail.old)} → ${words(detail.new)}` : t('diff.update')}`;
  }
  if ('old' in detail) return `${part}: ${valueText(t, detail.old)} → ${valueText(t, detail.new)}`;
  const list = [...(detail.added ?? []).map((name) => `+ ${name}`), ...(detail.removed ?? []).map((name) => `− ${name}`)];
  return `${part}: ${list.length ? list.join(', ') : t(detail.moved ? 'diff.moved' : 'diff.update')}`;
}

function Details({ row }: { row: Difference }) {
  const t = useT();
  const entity = useDraftEntity(row.object);
  return row.details.map((detail, index) => <span key={`${detail.part}.${index}`} className={classes.detail}>{detailText(t, detail, row.kind, entity)}</span>);
}

/** What a version changed against the one before; asked for when somebody opens it. */
function Differences({ version }: { version: number | string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const formName = useFormName();
  const objects = useObjects();
  const { data, error, refetch } = useQuery({ queryKey: [...keys.customization, 'version', version], queryFn: ({ signal }) => readDifferences(version, signal), enabled: open });
  const where = (name: string | null) => (name ? (objects.find((object) => object.name === name)?.label ?? name) : '');
  return (
    <details className={classes.details} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('diff.show')}</summary>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {open && !data && !error && <SkeletonRows rows={2} />}
      {data && !data.differences.length && <p className={classes.uses}>{t('diff.none')}</p>}
      {data && data.differences.length > 0 && (
        <ul className={classes.differences} aria-label={t('diff.title', { version: String(data.version), against: String(data.against) })}>
          {data.differences.map((row) => (
            <li key={`${row.kind}.${row.object}.${row.name}`}>
              <Chip color={OPERATION_COLOR[row.operation]} label={t(OPERATION_WORD[row.operation])} />
              <span>
                <b>{row.kind === 'form' ? formName(row.name) : row.label}</b>{' '}
                <span className="k-meta">{[where(row.object), t(`diff.kind.${row.kind}` as Key)].filter(Boolean).join(' · ')}</span>
                {row.details.length > 0 && <Details row={row} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
