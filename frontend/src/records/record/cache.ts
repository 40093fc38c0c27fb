/** What else on screen goes stale when one record changes. */
import { keys, type FullRecord } from '@/api';
import type { QueryClient } from '@tanstack/react-query';

/** Lists, boards and sums of the object are read again; the other open records are not. */
export function invalidateCollections(client: QueryClient, plural: string): void {
  void client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === 'records' && queryKey[1] === plural && queryKey[2] !== 'one',
  });
}

/** Put a freshly written record in place of the old one; what the answer leaves out (timeline, related) stays. */
export function storeRecord(client: QueryClient, plural: string, record: FullRecord): void {
  client.setQueryData<FullRecord>(keys.record(plural, record.id), (old) =>
    old ? { ...old, ...record, timeline: record.timeline ?? old.timeline, related: record.related ?? old.related } : undefined,
  );
}

/** After a write to one record: store the answer, read its timeline and the lists again. */
export function afterWrite(client: QueryClient, plural: string, record: FullRecord): void {
  storeRecord(client, plural, record);
  void client.invalidateQueries({ queryKey: [...keys.record(plural, record.id), 'timeline'] });
  invalidateCollections(client, plural);
}

/** After something that may have changed the record in ways the answer does not tell (an action, a new activity). */
export function refreshRecord(client: QueryClient, plural: string, id: string): void {
  void client.invalidateQueries({ queryKey: keys.record(plural, id) });
  invalidateCollections(client, plural);
}
