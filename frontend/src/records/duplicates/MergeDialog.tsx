import { ApiError, mergeRecords, readRecord, type FullRecord, type Ref } from '@/api';
import { previewMerge, undoJob } from '@/api/duplicates';
import { FieldDisplay, isEmpty, LookupPicker } from '@/fields';
import { useT, type Key } from '@/i18n';
import { isActive, recordName, refreshAfterJob, trackJob, useObjects, type Attribute, type Entity } from '@/metadata';
import { ErrorState, SkeletonRows, toast } from '@/ui';
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
  /** The other record when it is known, as in the work-list; otherwise it is asked for. */
  other?: Ref;
  onClose: () => void;
  /** The surviving record. */
  onMerged: (master: string) => void;
}

type Side = 'left' | 'right';
const SIDES = ['left', 'right'] as const;

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

/** The values that differ from the master's: chosen ones of the other record, and both lists of choices united. */
export function mergedValues(fields: Attribute[], records: Record<Side, FullRecord>, master: Side, sideOf: (attribute: Attribute) => Side | 'both'): Values {
  const gone = records[master === 'left' ? 'right' : 'left'];
  const values: Values = {};
  for (const attribute of fields) {
    const side = sideOf(attribute);
    const lists = SIDES.map((each) => records[each][attribute.name]);
    if (side === 'both') values[attribute.name] = [...new Set(lists.flatMap((list) => (Array.isArray(list) ? list : [])))];
    else if (side !== master) values[attribute.name] = gone[attribute.name];
  }
  return values;
}

/** Join two records that are the same thing: choose the other one, then value by value what survives (CUS-11). */
export function MergeDialog({ entity, record, other: known, onClose, onMerged }: MergeDialogProps) {
  const t = useT();
  const [picked, setPicked] = useState<Ref | null>(null);
  const other = known ?? picked;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['merge', entity.plural, other?.id],
    queryFn: ({ signal }) => readRecord(entity.plural, other!.id, [], signal),
    enabled: !!other,
  });
  return (
    <Modal opened onClose={onClose} size={760} title={t('record.merge.title', { object: entity.label })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {!known && (
        <>
          <p className={classes.hint}>{t('record.merge.hint', { name: recordName(entity, record) })}</p>
          <LookupPicker label={t('record.merge.other')} frame={{ size: 'sm', label: t('record.merge.other'), 'data-autofocus': true, autoFocus: true }} targets={[entity.name]} value={picked} onChange={(next) => setPicked(next?.id === record.id ? null : next)} />
        </>
      )}
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && isFetching && <SkeletonRows rows={5} />}
      {data && <MergeChoice key={data.id} entity={entity} left={record} right={data} onClose={onClose} onMerged={onMerged} />}
    </Modal>
  );
}

interface ChoiceProps extends Omit<MergeDialogProps, 'record' | 'other'> {
  left: FullRecord;
  right: FullRecord;
}

function MergeChoice({ entity, left, right, onClose, onMerged }: ChoiceProps) {
  const t = useT();
  const client = useQueryClient();
  const records = { left, right };
  const [master, setMaster] = useState<Side>('left');
  const [chosen, setChosen] = useState<Record<string, Side | 'both'>>({});
  const [ignoreParent, setIgnoreParent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fields = differing(entity, left, right);
  const united = (attribute: Attribute) => attribute.type === 'multi' && SIDES.every((side) => !isEmpty(records[side][attribute.name]));
  const sideOf = (attribute: Attribute) => chosen[attribute.name] ?? (united(attribute) ? 'both' : defaultSide(attribute, records, master));
  const survivor = records[master];
  const gone = records[master === 'left' ? 'right' : 'left'];
  const preview = useQuery({ queryKey: ['merge-preview', entity.plural, survivor.id, gone.id], queryFn: ({ signal }) => previewMerge(entity.plural, survivor.id, gone.id, signal), retry: false });
  const parentsDiffer = preview.data?.parents_differ || (error instanceof ApiError && error.code === 'merge.parents_differ');

  const merge = async () => {
    setBusy(true);
    setError(null);
    try {
      const answer = await mergeRecords(entity.plural, {
        master: survivor.id,
        subordinate: gone.id,
        values: valuesToWrite(entity, mergedValues(fields, records, master, sideOf)),
        fill_empty: true,
        ...(ignoreParent ? { ignore_parent: true } : {}),
      });
      refreshRecord(client, entity.plural, survivor.id);
      toast({
        kind: 'success',
        message: t('record.merge.done', { name: recordName(entity, survivor) }),
        undo: async () => {
          const job = await undoJob(answer.job, []);
          trackJob(client, job);
          if (!isActive(job)) await refreshAfterJob(client, job);
        },
      });
      onMerged(survivor.id);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('record.merge.keep')}</th>
              {SIDES.map((side) => (
                <th scope="col" key={side} data-chosen={master === side || undefined}>
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
                <th scope="row">
                  {attribute.label}
                  {united(attribute) && (
                    <label className={classes.option}>
                      <input type="radio" name={attribute.name} checked={sideOf(attribute) === 'both'} onChange={() => setChosen({ ...chosen, [attribute.name]: 'both' })} />
                      {t('record.merge.both')}
                    </label>
                  )}
                </th>
                {SIDES.map((side) => (
                  <td key={side} data-chosen={sideOf(attribute) === side || sideOf(attribute) === 'both' || undefined}>
                    <label className={classes.option}>
                      <input type="radio" name={attribute.name} checked={sideOf(attribute) === side} aria-label={`${attribute.label}: ${recordName(entity, records[side])}`} onChange={() => setChosen({ ...chosen, [attribute.name]: side })} />
                      <span className={classes.value}>
                        {isEmpty(records[side][attribute.name]) ? <span className="k-meta">{t('record.merge.empty')}</span> : <FieldDisplay attribute={attribute} value={records[side][attribute.name]} record={records[side]} entity={entity} />}
                      </span>
                    </label>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Moves moves={preview.data?.moves} from={recordName(entity, gone)} />
      {preview.error && <FormAlert messages={formErrors(preview.error, []).general} requestId={null} />}
      {error !== null && <FormAlert messages={formErrors(error, []).general} requestId={error instanceof ApiError ? error.requestId : null} />}
      {parentsDiffer && <Checkbox mt="sm" checked={ignoreParent} onChange={(event) => setIgnoreParent(event.currentTarget.checked)} label={t('record.merge.ignoreParent')} />}
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('ui.cancel')}
        </Button>
        <Button onClick={() => void merge()} loading={busy} disabled={!!preview.error || (parentsDiffer && !ignoreParent)}>
          {t('record.merge.submit')}
        </Button>
      </Group>
    </>
  );
}

/** What comes over from the record that does not stay. */
function Moves({ moves, from }: { moves: Record<string, number> | undefined; from: string }) {
  const t = useT();
  const objects = useObjects();
  if (!moves) return <p className={classes.hint}>{t('record.merge.counting')}</p>;
  const label = (plural: string) => objects.find((object) => object.plural === plural)?.label_plural ?? (['files', 'shares', 'links'].includes(plural) ? t(`record.merge.${plural}` as Key) : plural);
  const parts = Object.entries(moves).map(([plural, count]) => `${count} ${label(plural)}`);
  return (
    <p className={classes.hint}>
      {parts.length ? t('record.merge.moving', { list: parts.join(', '), name: from }) : t('record.merge.movesNothing', { name: from })} {t('record.merge.undoable')}
    </p>
  );
}
