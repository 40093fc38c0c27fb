import type { ApiError } from '@/api';
import { useT } from '@/i18n';
import { attributeOf } from '@/metadata';
import { Button, Group, Modal } from '@mantine/core';
import { useEffect } from 'react';
import { FormAlert, FormField } from '../form/FormRenderer';
import { formErrors } from '../form/errors';
import { useForm } from '../form/useForm';
import type { Values } from '../form/values';
import { useOpenRecord } from './RecordContext';

export interface MissingFieldsProps {
  title: string;
  /** Attributes the server asked for. */
  names: string[];
  /** What is saved together with them, such as the new stage. */
  fixed: Values;
  error: ApiError;
  onClose: () => void;
}

/** A small form with just the fields a change was refused for; saving sends them together with the change. */
export function MissingFieldsDialog({ title, names, fixed, error, onClose }: MissingFieldsProps) {
  const t = useT();
  const { entity, record, editability, save } = useOpenRecord();
  const form = useForm({ entity, initial: record, names });
  const { setErrors } = form;
  useEffect(() => setErrors(formErrors(error, names)), [error, names, setErrors]);
  const submit = async () => {
    if (await form.submit((changed) => save({ ...changed, ...fixed }))) onClose();
  };
  return (
    <Modal opened onClose={onClose} size={480} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        noValidate
        style={{ display: 'flex', flexDirection: 'column', gap: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {form.errors.general.length > 0 && <FormAlert messages={form.errors.general} requestId={form.errors.requestId} />}
        {names.map((name, index) => {
          const attribute = attributeOf(entity, name);
          return attribute && <FormField key={name} form={form} attribute={attribute} editability={editability} record={record} autoFocus={index === 0} />;
        })}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={form.saving}>
            {t('ui.save')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
