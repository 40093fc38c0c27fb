import { useT } from '@/i18n';
import { confirm, useShortcut } from '@/ui';
import { useEffect, useMemo, useState } from 'react';
import { FormRenderer } from '../form/FormRenderer';
import { namesOf, placedTabs } from '../form/layout';
import { SaveBar } from '../form/SaveBar';
import { useForm } from '../form/useForm';
import classes from './page.module.css';
import { useOpenRecord } from './RecordContext';

/** The whole record as one form: Ctrl-S saves, Escape leaves and asks only if something would be lost. */
export function RecordForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { entity, record, editability, save } = useOpenRecord();
  const names = useMemo(() => namesOf(placedTabs(entity)), [entity]);
  // The record may be read again while the form is open; the form keeps what it began with, the version check does the rest.
  const [base] = useState(record);
  const initial = useMemo(() => Object.fromEntries(names.map((name) => [name, base[name]])), [names, base]);
  const form = useForm({ entity, initial, names, stored: base, draftSubject: `${entity.name}:${record.id}` });

  const submit = async () => {
    if (!form.dirty || (await form.submit((changed) => save(changed, base)))) onClose();
  };
  const leave = async () => {
    if (form.dirty) {
      const yes = await confirm({ title: t('record.leave.title'), body: t('record.leave.body'), confirmLabel: t('record.form.discard'), destructive: true });
      if (!yes) return;
    }
    form.reset();
    onClose();
  };
  useShortcut('mod+s', () => void submit(), { inInputs: true, label: t('ui.save'), group: t('record.keys.group') });
  useShortcut('mod+enter', () => void submit(), { inInputs: true });
  useShortcut('escape', () => void leave(), { inInputs: true });
  useEffect(() => {
    if (!form.dirty || form.draftKept) return;
    // Only when the draft could not be kept would closing the tab lose anything.
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [form.dirty, form.draftKept]);

  return (
    <div className={classes.edit}>
      <div className={classes.editBody}>
        <FormRenderer form={form} editability={editability} record={record} autoFocus />
      </div>
      <SaveBar form={form} onSave={() => void submit()} onCancel={() => void leave()} />
    </div>
  );
}
