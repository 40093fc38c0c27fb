import { ApiError, createRecord, type DuplicateMatch, type FullRecord } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, recordName, recordPath, useEntity, type Entity } from '@/metadata';
import { Opening, confirm, ObjectIcon, SkeletonRows, toast, useShortcut } from '@/ui';
import { Button, Group, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { DuplicateList } from '../duplicates/DuplicateList';
import { useDuplicates } from '../duplicates/useDuplicates';
import { invalidateCollections } from '../record/cache';
import { tellWarnings } from '../warnings';
import { FormAlert, FormField, FormRenderer } from './FormRenderer';
import classes from './quickCreate.module.css';
import { isWide, namesOf, placedTabs, quickCreateNames } from './layout';
import { useForm } from './useForm';
import { initialValues, valuesToWrite, type Values } from './values';

export interface QuickCreateProps {
  /** Name of the object to create. */
  object: string;
  /** Values from where one is: the parent account, the typed name. */
  defaults?: Values;
  /** Text typed before, for example in a lookup: becomes the name. */
  text?: string;
  onClose: () => void;
  /** Called for every record made. With it, "save" closes the dialog; without it, it offers to open the record. */
  onCreated?: (record: FullRecord, entity: Entity) => void;
  /** Go to a record's page; the dialog is closed before. */
  onOpen?: (path: string) => void;
}

/** Create a record of any object from anywhere (PEERS 5.8). */
export function QuickCreateDialog(props: QuickCreateProps) {
  const t = useT();
  return (
    <Suspense
      fallback={
        <Modal opened onClose={props.onClose} title={t('ui.loading')} size={560}>
          <Opening />
          <SkeletonRows rows={4} />
        </Modal>
      }
    >
      <Dialog {...props} />
    </Suspense>
  );
}

const EDITABILITY = { mayWrite: true, closed: false, isNew: true };
type After = 'close' | 'new' | 'open';

/** Where a typed name goes: the primary attribute, or the first text a person may write when that one is composed. */
function namedBy(entity: Entity, text: string | undefined): Values {
  if (!text) return {};
  const candidates = [entity.primary_attribute, 'last_name', ...quickCreateNames(entity)];
  const name = candidates.find((candidate) => {
    const attribute = attributeOf(entity, candidate);
    return attribute?.type === 'text' && !attribute.read_only;
  });
  return name ? { [name]: text } : {};
}

function Dialog({ object, defaults, text, onClose, onCreated, onOpen }: QuickCreateProps) {
  const t = useT();
  const entity = useEntity(object);
  const client = useQueryClient();
  const [all, setAll] = useState(false);
  const [round, setRound] = useState(0);
  const names = useMemo(() => (all ? [...new Set([...quickCreateNames(entity), ...namesOf(placedTabs(entity))])] : quickCreateNames(entity)), [all, entity]);
  const initial = useMemo(() => initialValues(entity, { ...defaults, ...namedBy(entity, text) }), [entity, defaults, text]);
  const fromContext = !!text || (!!defaults && Object.keys(defaults).length > 0);
  const form = useForm({ entity, initial, names, draftSubject: fromContext ? undefined : `${object}:new` });
  const [refused, setRefused] = useState<{ matches: DuplicateMatch[]; hidden: number } | null>(null);
  // One key per attempt at one record: a repeated click or a lost answer never creates two.
  const attempt = useRef(crypto.randomUUID());
  useEffect(() => setRefused(null), [form.values]);
  const live = useDuplicates(entity, form.values);
  const duplicates = refused ?? live;

  const save = async (after: After, allowDuplicates = false) => {
    const saved = await form.submit(async () => {
      try {
        const values = valuesToWrite(entity, { ...initial, ...form.values });
        const record = await createRecord(entity.plural, values, { detectDuplicates: !allowDuplicates, allowDuplicates, idempotencyKey: attempt.current });
        finish(tellWarnings(record), after);
      } catch (error) {
        // What was refused may be corrected and sent again: that is another request.
        attempt.current = crypto.randomUUID();
        if (!(error instanceof ApiError && error.code === 'record.duplicates_found')) throw error;
        setRefused({ matches: (error.details.matches as DuplicateMatch[] | undefined) ?? [], hidden: Number(error.details.hidden ?? 0) });
        throw new ApiError(error.status, { code: error.code, message: t('record.duplicates.refused', { object: entity.label }) });
      }
    });
    return saved;
  };

  const finish = (record: FullRecord, after: After) => {
    invalidateCollections(client, entity.plural);
    attempt.current = crypto.randomUUID();
    setRefused(null);
    const path = recordPath(entity.plural, record.id);
    onCreated?.(record, entity);
    if (after === 'open') {
      onClose();
      onOpen?.(path);
      return;
    }
    toast({
      kind: 'success',
      message: t('record.create.done', { name: recordName(entity, record) }),
      action: onOpen ? { label: t('record.create.open'), run: () => onOpen(path) } : undefined,
    });
    if (after === 'close') return onClose();
    form.reset();
    setRound((number) => number + 1);
  };

  const close = async () => {
    if (form.dirty && (fromContext || !form.draftKept)) {
      const leave = await confirm({ title: t('record.leave.title'), body: t('record.leave.body'), confirmLabel: t('record.form.discard'), destructive: true });
      if (!leave) return;
    }
    onClose();
  };
  useShortcut('mod+enter', () => void save('close', !!refused), { inInputs: true });

  return (
    <Modal
      opened
      onClose={() => void close()}
      size={all ? 760 : 560}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
      title={
        <span className={classes.title}>
          <ObjectIcon name={entity.icon} color={entity.color} />
          {t('record.create.title', { object: entity.label })}
        </span>
      }
    >
      <form
        key={round}
        noValidate
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save('close', !!refused);
        }}
      >
        {form.restoredAt && form.dirty && (
          <div className={classes.restored}>
            {t('record.create.restored')}
            <button type="button" className="k-link" onClick={form.reset}>
              {t('record.form.discard')}
            </button>
          </div>
        )}
        {all ? (
          <FormRenderer form={form} editability={EDITABILITY} autoFocus />
        ) : (
          <>
            {form.errors.general.length > 0 && <FormAlert messages={form.errors.general} requestId={form.errors.requestId} />}
            <div className={classes.fields}>
              {[...new Set([...names, ...form.effects.required])].filter((name) => !form.effects.hidden.includes(name)).map((name, index) => {
                const attribute = attributeOf(entity, name);
                if (!attribute) return null;
                return (
                  <div key={name} data-wide={index === 0 || isWide(attribute) || undefined}>
                    <FormField form={form} attribute={attribute} editability={EDITABILITY} autoFocus={index === 0} />
                  </div>
                );
              })}
            </div>
          </>
        )}
        <DuplicateList {...duplicates} onOpen={onClose} />
        <Group gap={8} className={classes.actions}>
          <Button variant="subtle" color="gray" onClick={() => setAll(!all)}>
            {all ? t('record.create.fewer') : t('record.create.all')}
          </Button>
          <span className={classes.spacer} />
          {refused ? (
            <Button type="submit" loading={form.saving}>
              {t('record.create.anyway')}
            </Button>
          ) : (
            <>
              <Button variant="default" disabled={form.saving} onClick={() => void save('new')}>
                {t('record.create.saveNew')}
              </Button>
              {onOpen && (
                <Button variant="default" disabled={form.saving} onClick={() => void save('open')}>
                  {t('record.create.saveOpen')}
                </Button>
              )}
              <Button type="submit" loading={form.saving}>
                {t('ui.save')}
              </Button>
            </>
          )}
        </Group>
      </form>
    </Modal>
  );
}
