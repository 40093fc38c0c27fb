import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';

import { errorMessage } from '@/api';
import { FieldInput, validateValue, writeValue } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, recordName, type Entity } from '@/metadata';
import { formErrors } from '../form/errors';
import classes from './board.module.css';
import type { MissingFields } from './useBoard';

/** A small form with just the attributes a column asks for; saving sends them together with the move. */
export function MissingFieldsDialog({ entity, missing, onSave, onClose }: { entity: Entity; missing: MissingFields; onSave: (values: Record<string, unknown>) => Promise<void>; onClose: () => void }) {
  const t = useT();
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries(missing.names.map((name) => [name, missing.row[name] ?? null])));
  const [errors, setErrors] = useState<Record<string, string>>(() => formErrors(missing.error, missing.names).fields);
  const [general, setGeneral] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);

  const save = async () => {
    const attributes = missing.names.map((name) => attributeOf(entity, name)!);
    const found = Object.fromEntries(attributes.flatMap((attribute) => { const reason = validateValue({ ...attribute, required: true }, values[attribute.name]); return reason ? [[attribute.name, reason]] : []; }));
    setErrors(found);
    if (Object.keys(found).length) return;
    setSaving(true);
    try {
      await onSave(Object.fromEntries(attributes.map((attribute) => [attribute.name, writeValue(attribute, values[attribute.name])])));
    } catch (error) {
      const { fields } = formErrors(error, missing.names);
      setErrors(fields);
      setGeneral(Object.keys(fields).length ? null : errorMessage(error));
      setSaving(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size={480} title={t('lists.board.missing', { name: recordName(entity, missing.row), column: missing.to.label })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {general && (
          <div className={classes.alert} role="alert">
            {general}
          </div>
        )}
        {missing.names.map((name, index) => (
          <FieldInput
            key={name}
            attribute={{ ...attributeOf(entity, name)!, required: true }}
            value={values[name]}
            onChange={(value) => setValues((before) => ({ ...before, [name]: value }))}
            error={errors[name]}
            record={missing.row}
            entity={entity}
            autoFocus={index === 0}
          />
        ))}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={saving}>
            {t('lists.board.move')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
