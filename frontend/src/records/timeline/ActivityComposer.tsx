import { createRecord, errorMessage, runAction, type Ref } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, useEntity } from '@/metadata';
import { Keys, toast, useShortcut, useTypingHold } from '@/ui';
import { Button, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { FormAlert, FormField } from '../form/FormRenderer';
import { isWide } from '../form/layout';
import { useForm } from '../form/useForm';
import { initialValues, valuesToWrite } from '../form/values';
import { refreshRecord } from '../record/cache';
import { useOpenRecord } from '../record/RecordContext';
import { tellWarnings } from '../warnings';
import { activityNames, usuallyDone } from './activityFields';
import classes from './timeline.module.css';

const EDITABILITY = { mayWrite: true, closed: false, isNew: true };

/** Plan an activity, or write down one that happened: then it is completed at once. */
export function ActivityComposer({ object, regarding, onDone }: { object: string; regarding: Ref; onDone: () => void }) {
  const t = useT();
  useTypingHold();
  const client = useQueryClient();
  const { entity: parent } = useOpenRecord();
  const entity = useEntity(object);
  const completable = entity.actions.some((action) => action.name === 'complete');
  const [done, setDone] = useState(completable && usuallyDone(object));
  const names = activityNames(entity, done);
  const initial = useMemo(() => initialValues(entity), [entity]);
  const form = useForm({ entity, initial, names, draftSubject: `${object}:${regarding.object}:${regarding.id}` });

  const save = async () => {
    let createdId: string | null = null;
    const ok = await form.submit(async () => {
      const shown = Object.fromEntries(Object.entries(form.values).filter(([name]) => names.includes(name) || name in initial));
      const created = await createRecord(entity.plural, { ...valuesToWrite(entity, shown), regarding: { object: regarding.object, id: regarding.id } });
      createdId = tellWarnings(created).id;
    });
    if (!ok || !createdId) return;
    try {
      if (done) await runAction(entity.plural, createdId, 'complete');
    } catch (error) {
      toast({ kind: 'error', message: t('record.composer.notCompleted', { reason: errorMessage(error) }) });
    }
    void client.invalidateQueries({ queryKey: ['records', entity.plural] });
    refreshRecord(client, parent.plural, regarding.id);
    toast({ kind: 'success', message: t(done ? 'record.composer.logged' : 'record.composer.planned', { object: entity.label }) });
    onDone();
  };
  useShortcut('mod+enter', () => void save(), { inInputs: true });

  return (
    <form
      noValidate
      className={classes.compose}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {form.errors.general.length > 0 && <FormAlert messages={form.errors.general} requestId={form.errors.requestId} />}
      <div className={classes.composeFields}>
        {names.map((name, index) => {
          const attribute = attributeOf(entity, name);
          if (!attribute) return null;
          return (
            <div key={name} data-wide={index === 0 || isWide(attribute) || undefined}>
              <FormField form={form} attribute={attribute} editability={EDITABILITY} autoFocus={index === 0} />
            </div>
          );
        })}
      </div>
      <div className={classes.composeBar}>
        {completable && <Switch size="sm" checked={done} onChange={(event) => setDone(event.currentTarget.checked)} label={t('record.composer.done')} />}
        <span className={classes.spacer} />
        <Button variant="default" disabled={form.saving} onClick={onDone}>
          {t('ui.close')}
        </Button>
        <Button type="submit" loading={form.saving} rightSection={<Keys keys="mod+enter" />}>
          {done ? t('record.composer.log') : t('record.composer.plan')}
        </Button>
      </div>
    </form>
  );
}
