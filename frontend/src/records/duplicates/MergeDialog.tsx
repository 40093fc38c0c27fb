import { ApiError, mergeRecords, readRecord, type FullRecord, type Ref } from '@/api';
import { FieldDisplay, isEmpty, LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import { recordName, type Attribute, type Entity } from '@/metadata';
import { toast } from '@/ui';
import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formErrors } from '../form/errors';
import { FormAlert } from '../form/FormRenderer';
import { sameValue, valuesToWrite, type Values } from '../form/values';
import { refreshRecord } from '../record/cache';
import classes from './merge.module.css';

export interface MergeDialogProps {
  entity: Entity;
  /** The record the dialog was opened on; it survives unless the user swaps. */
  record: FullRecord;
  onClose: () => void;
  /** The surviving record. */
  onMerged: (master: string) => void;
}

type Side = 'left' | 'right';

/** Attributes in which the two records differ and that a person could have written. */
export function differing(entity: Entity, left: FullRecord, right: FullRecord): Attribute[] {
  return entity.attributes.filter(
    (attribute) => !attribute.system && !attribute.read_only && attribute.type !== 'state' && attribute.type !== 'status_reason' && !sameValue(left[attribute.name], right[attribute.name], attribute.type),
  );
}

/** Which side a field is taken from when nobody chose: the master's value, or the only one there is. */
export const defaultSide = (attribute: Attribute, records: Record<Side, FullRecord>, master: Side): Side => {
  const other: Side = master === 'left' ? 'right' : 'left';
  return isEmpty(records[master][attribute.name]) && !isEmpty(records[other][attribute.name]) ? other : master;
};

/** Join two records that are the same thing: choose the other one, then value by value what survives (CUS-11). */
export function MergeDialog({ entity, record, onClose, onMerged }: MergeDialogProps) {
  const t = useT();
  const [other, setOther] = useState<Ref | null>(null);
  const { data } = useQuery({
    queryKey: ['merge', entity.plural, other?.id],
    queryFn: ({ signal }) => readRecord(entity.plural, other!.id, [], signal),
    enabled: !!other,
  });
  return (
    <Modal opened onClose={onClose} size={720} title={t('record.merge.title', { object: entity.label })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <p className={classes.hint}>{t('record.merge.hint', { name: recordName(entity, record) })}</p>
      <LookupPicker label={t('record.merge.other')} frame={{ size: 'sm', label: t('record.merge.other'), 'data-autofocus': true }} targets={[entity.name]} value={other} onChange={(next) => setOther(next?.id === record.id ? null : next)} />
      {data && <MergeChoice key={data.id} entity={entity} left={record} right={data} onClose={onClose} onMerged={onMerged} />}
    </Modal>
  );
}

interface ChoiceProps extends Omit<MergeDialogProps, 'record'> {
  left: FullRecord;
  right: FullRecord;
}

function MergeChoice({ entity, left, right, onClose, onMerged }: ChoiceProps) {
  const t = useT();
  const client = useQueryClient();
  const records = { left, right };
  const [master, setMaster] = useState<Side>('left');
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const [ignoreParent, setIgnoreParent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fields = differing(entity, left, right);
  const sideOf = (attribute: Attribute) => chosen[attribute.name] ?? defaultSide(attribute, records, master);
  const parentsDiffer = error instanceof ApiError && error.code === 'merge.parents_differ';

  const merge = async () => {
    setBusy(true);
    setError(null);
    const survivor = records[master];
    const gone = records[master === 'left' ? 'right' : 'left'];
    const values: Values = {};
    for (const attribute of fields) if (sideOf(attribute) !== master) values[attribute.name] = gone[attribute.name];
    try {
      await mergeRecords(entity.plural, {
        master: survivor.id,
        subordinate: gone.id,
        values: valuesToWrite(entity, values),
        fill_empty: true,
        ...(ignoreParent ? { ignore_parent: true } : {}),
      });
      refreshRecord(client, entity.plural, survivor.id);
      toast({ kind: 'success', message: t('record.merge.done', { name: recordName(entity, survivor) }) });
      onMerged(survivor.id);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('record.merge.keep')}</th>
            {(['left', 'right'] as const).map((side) => (
              <th scope="col" key={side}>
                <label className={classes.option}>
                  <input type="radio" name="master" checked={master === side} onChange={() => setMaster(side)} />
                  {recordName(entity, records[side])}
                </label>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map((attribute) => (
            <tr key={attribute.name}>
              <th scope="row">{attribute.label}</th>
              {(['left', 'right'] as const).map((side) => (
                <td key={side} data-chosen={sideOf(attribute) === side || undefined}>
                  <label className={classes.option}>
                    <input type="radio" name={attribute.name} checked={sideOf(attribute) === side} onChange={() => setChosen({ ...chosen, [attribute.name]: side })} />
                    <FieldDisplay attribute={attribute} value={records[side][attribute.name]} record={records[side]} entity={entity} />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.hint}>{t('record.merge.moves')}</p>
      {error !== null && <FormAlert messages={formErrors(error, []).general} requestId={error instanceof ApiError ? error.requestId : null} />}
      {parentsDiffer && <Checkbox mt="sm" checked={ignoreParent} onChange={(event) => setIgnoreParent(event.currentTarget.checked)} label={t('record.merge.ignoreParent')} />}
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('ui.cancel')}
        </Button>
        <Button onClick={() => void merge()} loading={busy}>
          {t('record.merge.submit')}
        </Button>
      </Group>
    </>
  );
}
