import type { FullRecord, Ref } from '@/api';
import { FieldDisplay, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import { recordName, type Entity } from '@/metadata';
import { formatRelative } from '@/ui';
import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Values } from '../form/values';
import { chosenValues, type ConflictField } from './conflict';
import classes from './conflict.module.css';

export interface ConflictDialogProps {
  entity: Entity;
  /** The record as it is now. */
  record: FullRecord;
  fields: ConflictField[];
  /** The values to send, or null to leave everything as the other person saved it. */
  onAnswer: (values: Values | null) => void;
}

/** Somebody else saved first: yours and theirs side by side, field by field. Closing keeps theirs and loses nothing silently. */
export function ConflictDialog({ entity, record, fields, onAnswer }: ConflictDialogProps) {
  const t = useT();
  const [choice, setChoice] = useState<Record<string, 'yours' | 'theirs'>>({});
  const who = (record.modified_by as Ref | null)?.name ?? t('record.conflict.somebody');
  const sideOf = (field: ConflictField) => choice[field.attribute.name] ?? 'yours';
  return (
    <Modal opened onClose={() => onAnswer(null)} size={720} title={t('record.conflict.title', { name: recordName(entity, record) })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <p className={classes.hint}>{t('record.conflict.body', { who, when: formatRelative(record.modified_at as string | null) })}</p>
      <div className={classes.fields}>
        {fields.map((field) => (
          <fieldset key={field.attribute.name} className={classes.field}>
            <legend>{field.attribute.label}</legend>
            {(['yours', 'theirs'] as const).map((side) => (
              <label key={side} className={classes.side} data-chosen={sideOf(field) === side || undefined}>
                <input type="radio" name={field.attribute.name} checked={sideOf(field) === side} onChange={() => setChoice({ ...choice, [field.attribute.name]: side })} />
                <span className={classes.value}>
                  <span className="k-meta">{side === 'yours' ? t('record.conflict.yours') : t('record.conflict.theirs')}</span>
                  {isEmpty(field[side]) ? <span className="k-meta">{t('fields.empty')}</span> : <FieldDisplay attribute={{ ...field.attribute, states: entity.states }} value={field[side]} record={record} entity={entity} />}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={() => onAnswer(null)}>
          {t('record.conflict.discard')}
        </Button>
        <Button onClick={() => onAnswer(chosenValues(fields, choice))} data-autofocus>
          {t('record.conflict.save')}
        </Button>
      </Group>
    </Modal>
  );
}
