import { ActionIcon, Button, Group as Row, Modal, NativeSelect, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { dropChange, type Change, type RuleDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { FieldInput, writeValue } from '@/fields';
import { useT, type Key } from '@/i18n';
import { attributeOf, ruleOperators, type Entity, type RuleAction } from '@/metadata';
import { FilterBuilder } from '@/records/filter';
import { Chip } from '@/ui/Chip';
import { EmptyState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import settings from '../../settings.module.css';
import { LabelTranslations, filledIn } from '../LabelTranslations';
import model from '../model.module.css';
import { useAskingClose } from '../useAskingClose';
import { refreshDraft, useAddChange, useCustomization } from '../useDraft';
import { actionWords, conditionWords } from './conditionWords';
import classes from './designer.module.css';

interface RuleRow {
  key: string;
  definition: RuleDefinition;
  draft: 'new' | 'changed' | 'deleted' | null;
  changeId: string | null;
}

/** Published rules with what the draft does to them, in their order. */
export function ruleRows(stored: Record<string, RuleDefinition> = {}, changes: Change[], object: string): RuleRow[] {
  const rows = new Map(Object.entries(stored).map(([key, definition]): [string, RuleRow] => [key, { key, definition, draft: null, changeId: null }]));
  for (const change of changes) {
    if (change.kind !== 'rule' || change.object !== object || !change.name) continue;
    const known = rows.get(change.name);
    if (change.operation === 'delete') {
      if (known) rows.set(change.name, { ...known, draft: 'deleted', changeId: change.id });
    } else rows.set(change.name, { key: change.name, definition: change.definition as RuleDefinition, draft: known ? 'changed' : 'new', changeId: change.id });
  }
  return [...rows.values()].sort((a, b) => (a.definition.position ?? 0) - (b.definition.position ?? 0));
}

/** The business rules of an object: if this holds, do that (PLT-10). */
export function RulesEditor({ name, entity }: { name: string; entity: Entity | undefined }) {
  const t = useT();
  const customization = useCustomization().data;
  const [editing, setEditing] = useState<RuleRow | 'new' | null>(null);
  if (!entity) return <SkeletonRows />;
  const rows = ruleRows(customization?.body?.rules?.[name], customization?.draft.changes ?? [], name);
  return (
    <>
      <div className={classes.bar} style={{ marginTop: 0 }}>
        <p className={`${classes.note} ${classes.fill}`} style={{ margin: 0 }}>{t('rules.intro')}</p>
        <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>{t('rules.new')}</Button>
      </div>
      {rows.length ? (
        <div className={settings.card}>
          {rows.map((row) => (
            <RuleLine key={row.key} object={name} entity={entity} row={row} onEdit={() => setEditing(row)} />
          ))}
        </div>
      ) : (
        <EmptyState compact title={t('rules.none')} body={t('rules.noneBody')} />
      )}
      {editing && <RuleDialog object={name} entity={entity} row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function RuleLine({ object, entity, row, onEdit }: { object: string; entity: Entity; row: RuleRow; onEdit: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const add = useAddChange();
  const { definition, draft } = row;
  const takeBack = async (id: string) => {
    await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const remove = () => {
    if (draft === 'new') return void takeBack(row.changeId!);
    add.mutate(
      { kind: 'rule', operation: 'delete', object, name: row.key, definition: {} },
      { onSuccess: (made) => toast({ message: t('rules.removed'), undo: () => takeBack(made.id) }), onError: (error) => toast({ message: errorMessage(error), kind: 'error' }) },
    );
  };
  const condition = conditionWords(t, entity, definition.when);
  const does = actionWords(t, entity, definition.then);
  return (
    <div className={settings.cardRow} data-muted={draft === 'deleted' || undefined}>
      <span className={settings.grow}>
        <span className={settings.cellLine}>
          <b>{definition.label}</b>
          {definition.active === false && <Chip color="gray" label={t('rules.off')} />}
          {draft && <Chip color={draft === 'deleted' ? 'red' : 'yellow'} label={t(draft === 'new' ? 'model.draftNew' : draft === 'deleted' ? 'model.draftDeleted' : 'model.draftChanged')} />}
        </span>
        <span className="k-meta">{definition.when ? `${t('rules.when')} ${condition}` : condition} → {does}</span>
      </span>
      {draft === 'deleted' ? (
        <Button size="compact-xs" variant="subtle" onClick={() => void takeBack(row.changeId!)}>{t('designer.dropDraft.view')}</Button>
      ) : (
        <>
          <Tooltip label={t('rules.edit')}>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('rules.edit')}: ${definition.label}`} onClick={onEdit}><IconPencil size={16} stroke={1.75} /></ActionIcon>
          </Tooltip>
          <Tooltip label={t('rules.remove')}>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('rules.remove')}: ${definition.label}`} onClick={remove}><IconTrash size={16} stroke={1.75} /></ActionIcon>
          </Tooltip>
        </>
      )}
    </div>
  );
}

const ACTIONS: RuleAction['action'][] = ['require', 'recommend', 'show', 'hide', 'lock', 'set', 'default', 'error'];
const SETTABLE = new Set(['text', 'memo', 'int', 'dec', 'float', 'money', 'duration', 'bool', 'pick', 'multi', 'date', 'datetime']);

/** Attributes an action can be about. */
function choicesFor(entity: Entity, action: RuleAction['action']) {
  return entity.attributes.filter((attribute) => {
    if (action === 'error') return true;
    if (action === 'show' || action === 'hide') return !attribute.required || attribute.default != null;
    if (attribute.read_only) return false;
    return action === 'set' || action === 'default' ? SETTABLE.has(attribute.type) && !attribute.system : true;
  });
}

function RuleDialog({ object, entity, row, onClose }: { object: string; entity: Entity; row: RuleRow | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const [definition, setDefinition] = useState<RuleDefinition>(row?.definition ?? { label: '', when: null, then: [{ action: 'require', attribute: null }], active: true });
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  // Rules look at the record's own fields only, with comparisons that need no clock and no other record.
  const own = useMemo<Entity>(() => ({ ...entity, relationships: [], attributes: entity.attributes.map((attribute) => ({ ...attribute, operators: attribute.derived ? [] : attribute.operators.filter((operator) => ruleOperators(attribute.type).includes(operator)) })) }), [entity]);
  const [unfinished, setUnfinished] = useState(0);
  const asking = useAskingClose(definition, onClose);
  const change = (part: Partial<RuleDefinition>) => {
    setDefinition({ ...definition, ...part });
    setFailure(null);
  };
  const setAction = (index: number, part: Partial<RuleAction>) => change({ then: definition.then.with(index, { ...definition.then[index]!, ...part }) });
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  const shownBeside = failure?.field === 'label' || (failure?.field ?? '').startsWith('then.');
  const submit = () => {
    if (unfinished) return setFailure({ field: 'when', message: t('model.unfinished') });
    const { label, labels, when, then, active } = definition;
    const cleaned = then.map(({ action, attribute, value, message, messages }) => ({ action, attribute, ...(action === 'set' || action === 'default' ? { value } : {}), ...(action === 'error' ? { message, messages: filledIn(messages ?? {}) } : {}) }));
    add.mutate(
      { kind: 'rule', operation: row ? 'update' : 'create', object, name: row?.key ?? null, definition: { label: label.trim(), labels: filledIn(labels ?? {}), when, then: cleaned, active } },
      {
        onSuccess: () => {
          toast({ message: t('rules.saved', { name: label.trim() }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  };
  return (
    <Modal opened {...asking} size={720} title={t(row ? 'rules.edit' : 'rules.new')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={model.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput data-autofocus required withAsterisk label={t('views.name')} maxLength={60} value={definition.label} error={errorOf('label')} onChange={(event) => change({ label: event.currentTarget.value })} />
        <fieldset className={model.fieldset}>
          <legend>{t('rules.when')}</legend>
          {!definition.when && !unfinished && <p className={classes.hint} style={{ margin: 0 }}>{t('rules.always')}</p>}
          <FilterBuilder entity={own} steps={0} filter={definition.when} onChange={(when, left) => {
            change({ when });
            setUnfinished(left);
          }} />
        </fieldset>
        <fieldset className={model.fieldset}>
          <legend>{t('rules.then')}</legend>
          {definition.then.map((action, index) => (
            <ActionRow key={index} entity={entity} action={action} n={index + 1} only={definition.then.length === 1} error={(failure?.field ?? '').startsWith(`then.${index}`) ? failure!.message : undefined} onChange={(part) => setAction(index, part)} onRemove={() => change({ then: definition.then.toSpliced(index, 1) })} />
          ))}
          <Button size="compact-xs" variant="subtle" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => change({ then: [...definition.then, { action: 'require', attribute: null }] })}>
            {t('rules.addAction')}
          </Button>
        </fieldset>
        <LabelTranslations labels={definition.labels ?? {}} onChange={(labels) => change({ labels })} />
        <Switch size="xs" label={t('rules.active')} checked={definition.active !== false} onChange={(event) => change({ active: event.currentTarget.checked })} />
        {failure && !shownBeside && <p className={model.failure} role="alert">{failure.message}</p>}
        {failure?.field === 'then' && <p className={model.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={add.isPending} disabled={!definition.label.trim()}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}

interface ActionRowProps {
  entity: Entity;
  action: RuleAction;
  n: number;
  only: boolean;
  error?: string;
  onChange: (part: Partial<RuleAction>) => void;
  onRemove: () => void;
}

function ActionRow({ entity, action, n, only, error, onChange, onRemove }: ActionRowProps) {
  const t = useT();
  const attribute = action.attribute ? attributeOf(entity, action.attribute) : undefined;
  const choices = choicesFor(entity, action.action);
  return (
    <div className={classes.action}>
      <NativeSelect
        size="sm"
        aria-label={t('rules.action', { n })}
        value={action.action}
        onChange={(event) => {
          const kind = event.currentTarget.value as RuleAction['action'];
          onChange({ action: kind, attribute: choicesFor(entity, kind).some((entry) => entry.name === action.attribute) ? action.attribute : null });
        }}
        data={ACTIONS.map((value) => ({ value, label: t(`rules.do.${value}` as Key) }))}
      />
      <NativeSelect
        size="sm"
        aria-label={t('rules.field', { n })}
        value={action.attribute ?? ''}
        onChange={(event) => onChange({ attribute: event.currentTarget.value || null, value: null })}
        data={[{ value: '', label: t(action.action === 'error' ? 'rules.wholeRecord' : 'rules.chooseField') }, ...choices.map((entry) => ({ value: entry.name, label: entry.label }))]}
      />
      <div className={classes.fill}>
        {(action.action === 'set' || action.action === 'default') && attribute && (
          <FieldInput attribute={{ ...attribute, label: t('rules.value'), required: false, states: entity.states }} value={action.value ?? null} onChange={(value) => onChange({ value: writeValue(attribute, value) })} variant="form" />
        )}
        {action.action === 'error' && <TextInput size="sm" aria-label={t('rules.message', { n })} placeholder={t('rules.messagePlaceholder')} maxLength={300} value={action.message ?? ''} onChange={(event) => onChange({ message: event.currentTarget.value })} />}
      </div>
      <ActionIcon variant="subtle" color="gray" size={28} disabled={only} aria-label={t('rules.removeAction', { n })} onClick={onRemove}><IconTrash size={16} stroke={1.75} /></ActionIcon>
      {action.action === 'error' && <div className={classes.actionError}><LabelTranslations title={t('rules.messageTranslations')} maxLength={300} labels={action.messages ?? {}} onChange={(messages) => onChange({ messages })} /></div>}
      {error && <p className={`${model.failure} ${classes.actionError}`} role="alert">{error}</p>}
    </div>
  );
}
