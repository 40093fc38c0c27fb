/** Into the recycle bin with a way back; a refusal says what still depends on the record. */
import { ApiError, deleteRecord, errorMessage, keys, restoreRecycled } from '@/api';
import { t } from '@/i18n';
import { recordName, type Entity } from '@/metadata';
import type { FullRecord } from '@/api';
import { toast } from '@/ui';
import type { QueryClient } from '@tanstack/react-query';
import { invalidateCollections } from './cache';

interface Restriction {
  label?: string;
  object?: string;
  count?: number;
  name?: string;
}

/** What hinders deletion, in words: "3 Opportunities". Shapes of the details differ by rule, so each is read leniently. */
export function restrictionText(details: Record<string, unknown>): string {
  const lists = Object.values(details).filter(Array.isArray).flat() as (Restriction | string)[];
  return lists
    .map((entry) => (typeof entry === 'string' ? entry : [entry.count, entry.label ?? entry.name ?? entry.object].filter((part) => part != null).join(' ')))
    .filter(Boolean)
    .join(', ');
}

/** Delete a record at once and offer undo. @returns true when it is gone */
export async function deleteWithUndo(client: QueryClient, entity: Entity, record: FullRecord): Promise<boolean> {
  const name = recordName(entity, record);
  try {
    await deleteRecord(entity.plural, record.id, record.version);
  } catch (error) {
    const blocked = error instanceof ApiError && error.code === 'record.restrict_delete' ? restrictionText(error.details) : '';
    toast({ kind: 'error', message: blocked ? t('record.delete.blocked', { name, dependents: blocked }) : errorMessage(error) });
    return false;
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
