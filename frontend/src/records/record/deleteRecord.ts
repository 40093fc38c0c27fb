/** Into the recycle bin with a way back; a refusal says what still depends on the record. */
import { ApiError, deleteRecord, errorMessage, keys, restoreRecycled } from '@/api';
import { t } from '@/i18n';
import { recordName, trackJob, type Entity, type ObjectSummary, type Session } from '@/metadata';
import type { Job, RecordData } from '@/api';
import { formatNumber, toast } from '@/ui';
import type { QueryClient } from '@tanstack/react-query';
import { invalidateCollections } from './cache';

/** What hinders deletion, in words: "3 Opportunities"; `details` are counts by an object's plural name. */
export function restrictionText(details: Record<string, unknown>, objects: ObjectSummary[]): string {
  return Object.entries(details)
    .filter(([, count]) => typeof count === 'number')
    .map(([plural, count]) => `${formatNumber(count as number)} ${objects.find((object) => object.plural === plural)?.label_plural ?? plural}`)
    .join(', ');
}

/** Delete a record at once and offer undo. @returns true when it is gone */
export async function deleteWithUndo(client: QueryClient, entity: Entity, record: RecordData): Promise<boolean> {
  const name = recordName(entity, record);
  let job: Job | null;
  try {
    job = await deleteRecord(entity.plural, record.id, record.version);
  } catch (error) {
    const blocked = error instanceof ApiError && error.code === 'record.restrict_delete' ? restrictionText(error.details, client.getQueryData<Session>(keys.session)?.objects ?? []) : '';
    toast({ kind: 'error', message: blocked ? t('record.delete.blocked', { name, dependents: blocked }) : errorMessage(error) });
    return false;
  }
  if (job) {
    trackJob(client, job);
    toast({ kind: 'info', message: t('record.delete.started', { name }) });
    return true;
  }
  invalidateCollections(client, entity.plural);
  client.removeQueries({ queryKey: keys.record(entity.plural, record.id) });
  void client.invalidateQueries({ queryKey: ['recycle-bin'] });
  toast({
    message: t('record.delete.done', { name }),
    undo: async () => {
      try {
        await restoreRecycled(entity.name, record.id);
        invalidateCollections(client, entity.plural);
        void client.invalidateQueries({ queryKey: keys.record(entity.plural, record.id) });
        toast({ kind: 'success', message: t('record.delete.restored', { name }) });
      } catch (error) {
        toast({ kind: 'error', message: errorMessage(error) });
      }
    },
  });
  return true;
}
