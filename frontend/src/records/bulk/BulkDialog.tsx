/** Asks what to change, shows what would happen to how many records and which are skipped, then runs it. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { previewBulk, type BulkRequest } from '@/api';
import { FieldInput, validateValue } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { ErrorState, formatNumber, today } from '@/ui';
import { parameterAttributes, parameterBody, parameterErrors, startValues } from '../actions/parameters';
import type { Selection } from '../list/selection';
import type { ListState } from '../list/state';
import classes from './bulk.module.css';
import type { BulkTask } from './BulkBar';
import { EditEntries } from './EditEntries';
import { bulkRequest, numberToType, reasonTexts, type Asked, type EditEntry } from './request';

interface Props {
  entity: Entity;
  state: ListState;
  selection: Selection;
  task: BulkTask;
  running: boolean;
  onRun: (request: BulkRequest) => void;
  onClose: () => void;
}

export default function BulkDialog({ entity, state, selection, task, running, onRun, onClose }: Props) {
  const t = useT();
  const [entries, setEntries] = useState<EditEntry[]>([]);
  const [owner, setOwner] = useState<unknown>(null);
  const parameters = task.kind === 'action' ? parameterAttributes(entity, task.action, null) : [];
  const [values, setValues] = useState(() => (task.kind === 'action' ? startValues(entity, task.action, null, today()) : {}));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [typed, setTyped] = useState('');

  const asked: Asked =
    task.kind === 'edit'
      ? { operation: 'edit', entries }
      : task.kind === 'assign'
        ? { operation: 'assign', owner: (owner as { id: string } | null)?.id ?? '' }
        : task.kind === 'delete'
          ? { operation: 'delete' }
          : { operation: 'action', action: task.action.name, values: parameterBody(parameters, values) };
  const request = bulkRequest(entity, selection, state.filter, state.q, asked);
  // What is skipped depends on rights and states, hardly on the values: which attributes are changed is enough to ask again.
  const previewed: BulkRequest = { ...request, values: task.kind === 'edit' ? request.values : undefined, owner: request.owner || undefined };
  const ready = task.kind === 'edit' ? entries.some((entry) => entry.name) : task.kind === 'assign' ? !!owner : true;
  const preview = useQuery({
    queryKey: ['bulk-preview', entity.plural, { ...previewed, values: previewed.values ? Object.keys(previewed.values) : null }],
    queryFn: () => previewBulk(entity.plural, previewed),
    enabled: ready,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
  const destructive = task.kind === 'delete' || (task.kind === 'action' && task.action.destructive);
  const allowed = preview.data?.allowed ?? null;
  const toType = numberToType(destructive, allowed ?? 0);
  const objects = entity.label_plural;
  const title = { edit: t('lists.bulk.editTitle', { objects }), assign: t('lists.bulk.assignTitle', { objects }), delete: t('lists.bulk.deleteTitle', { objects }), action: task.kind === 'action' ? task.action.label : '' }[task.kind];
  const verb = { edit: 'lists.bulk.editVerb', assign: 'lists.bulk.assignVerb', delete: 'lists.bulk.deleteVerb', action: 'lists.bulk.actionVerb' } as const;

  const submit = () => {
    const found =
      task.kind === 'edit'
        ? Object.fromEntries(
            entries.flatMap((entry) => {
              const attribute = attributeOf(entity, entry.name);
              if (!attribute) return [];
              const reason = validateValue(attribute, entry.clear ? null : entry.value);
              return reason ? [[entry.name, reason]] : [];
            }),
          )
        : parameterErrors(parameters, values);
    setErrors(found);
    if (!Object.keys(found).length) onRun(request);
  };

  return (
    <Modal opened onClose={onClose} title={title} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {task.kind === 'edit' && <EditEntries entity={entity} entries={entries} errors={errors} onChange={setEntries} />}
        {task.kind === 'assign' && <FieldInput attribute={{ ...attributeOf(entity, 'owner')!, label: t('lists.bulk.newOwner'), read_only: false }} value={owner} onChange={setOwner} autoFocus />}
        {task.kind === 'delete' && <p className={classes.text}>{t('lists.bulk.deleteBody')}</p>}
        {parameters.map((attribute, index) => (
          <FieldInput key={attribute.name} attribute={attribute} value={values[attribute.name]} entity={entity} error={errors[attribute.name]} autoFocus={index === 0} onChange={(next) => setValues((before) => ({ ...before, [attribute.name]: next }))} />
        ))}
        {preview.error ? (
          <ErrorState compact error={preview.error} onRetry={() => void preview.refetch()} />
        ) : (
          <div className={classes.preview} aria-live="polite" data-stale={preview.isPlaceholderData || undefined}>
            {!ready ? (
              <span>{task.kind === 'assign' ? t('lists.bulk.chooseOwner') : t('lists.bulk.chooseAttribute')}</span>
            ) : !preview.data ? (
              <span>{t('lists.bulk.counting')}</span>
            ) : (
              <>
                <div>
                  {preview.data.skipped > 0
                    ? t('lists.bulk.preview', { selected: preview.data.selected, allowed: preview.data.allowed, skipped: preview.data.skipped })
                    : t(task.kind === 'delete' ? 'lists.bulk.previewDelete' : 'lists.bulk.previewAll', { count: preview.data.allowed })}
                </div>
                {reasonTexts(preview.data, { 'privilege.missing': t('lists.bulk.mayNot') }).map((reason, index) => (
                  <div key={index} className="k-meta">
                    {reason.count === null ? reason.text : `${formatNumber(reason.count)}: ${reason.text}`}
                  </div>
                ))}
              </>
            )}
          </div>
        )}
        {toType && <TextInput label={t('lists.bulk.typeNumber', { number: toType })} value={typed} inputMode="numeric" onChange={(event) => setTyped(event.currentTarget.value)} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" color={destructive ? 'red' : undefined} loading={running} disabled={!ready || !allowed || preview.isPlaceholderData || (!!toType && typed.trim().replace(/\D/g, '') !== toType)}>
            {t(verb[task.kind], { count: allowed ?? 0, action: task.kind === 'action' ? task.action.label : '' })}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
