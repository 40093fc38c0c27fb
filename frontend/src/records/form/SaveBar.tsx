import { useT } from '@/i18n';
import { formatRelative, Keys } from '@/ui';
import { Button } from '@mantine/core';
import classes from './form.module.css';
import type { FormState } from './useForm';

export interface SaveBarProps {
  form: FormState;
  onSave: () => void;
  onCancel: () => void;
  saveLabel?: string;
}

/** Stays in sight below a form: what is pending, save, cancel. */
export function SaveBar({ form, onSave, onCancel, saveLabel }: SaveBarProps) {
  const t = useT();
  const count = Object.keys(form.changed).length;
  const wrong = Object.keys(form.errors.fields).length + form.errors.general.length;
  const status = form.saving
    ? t('ui.saving')
    : wrong
      ? t('record.form.notSaved', { count: wrong })
      : form.restoredAt && form.dirty
        ? t('record.form.restored', { when: formatRelative(new Date(form.restoredAt).toISOString()) })
        : form.dirty
          ? t('record.form.pending', { count })
          : t('record.form.unchanged');
  return (
    <div className={classes.bar}>
      <span className={classes.status} data-wrong={wrong > 0 || undefined} aria-live="polite">
        {status}
        {form.restoredAt && form.dirty && !wrong && (
          <button type="button" className="k-link" onClick={form.reset}>
            {t('record.form.discard')}
          </button>
        )}
        {!form.draftKept && <span className={classes.warn}>{t('record.form.draftNotKept')}</span>}
      </span>
      <Button variant="default" onClick={onCancel} disabled={form.saving}>
        {t('ui.cancel')}
      </Button>
      <Button onClick={onSave} loading={form.saving} disabled={!form.dirty} rightSection={<Keys keys="mod+s" />}>
        {saveLabel ?? t('ui.save')}
      </Button>
    </div>
  );
}
