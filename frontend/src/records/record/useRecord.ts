/** Reading and writing one record. */
import { ApiError, keys, readRecord, updateRecord, type FullRecord } from '@/api';
import type { Entity } from '@/metadata';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { valuesToWrite, type Values } from '../form/values';
import { tellWarnings } from '../warnings';
import { afterWrite } from './cache';
import { chosenValues, conflictFields, type ConflictField } from './conflict';

/** A record with its first page of timeline, its related lists and the caller's rights; hovering a row may prefetch it. */
export const recordQuery = (plural: string, id: string) =>
  queryOptions({
    queryKey: keys.record(plural, id),
    queryFn: ({ signal }) => readRecord(plural, id, ['timeline', 'related'], signal),
    retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
  });

/** Asks the user about contested fields; answers the values to send, or null to take the other's. */
export type AskConflict = (fields: ConflictField[]) => Promise<Values | null>;

/** @param base the record as it was when editing began; without it, as it was read last */
export type Save = (values: Values, base?: FullRecord) => Promise<FullRecord>;

/**
 * A function that saves changed values under the version that was seen. Saves of one record go one after the other,
 * so that quick edits of two fields do not conflict with each other. When somebody else saved first, fields only this
 * user touched are sent again by themselves; only contested ones are asked about (PEERS 5.7).
 *
 * @throws ApiError of the last attempt
 */
export function useSaveRecord(entity: Entity, id: string, ask: AskConflict): Save {
  const client = useQueryClient();
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  const send = useCallback(
    async (values: Values, began?: FullRecord): Promise<FullRecord> => {
      const base = began ?? client.getQueryData<FullRecord>(keys.record(entity.plural, id));
      const write = (changed: Values, version?: number) => updateRecord(entity.plural, id, valuesToWrite(entity, changed), version);
      try {
        return await write(values, base?.version);
      } catch (error) {
        if (!(error instanceof ApiError && error.isConflict)) throw error;
        const theirs = (error.details.current as FullRecord | undefined) ?? (await readRecord(entity.plural, id));
        afterWrite(client, entity.plural, theirs);
        const fields = conflictFields(entity, base ?? {}, values, theirs);
        const contested = fields.filter((field) => field.contested);
        const answered = contested.length ? await ask(contested) : {};
        const kept = { ...chosenValues(fields.filter((field) => !field.contested), {}), ...answered };
        return Object.keys(kept).length ? write(kept, theirs.version) : theirs;
      }
    },
    [ask, client, entity, id],
  );

  return useCallback(
    (values, base) => {
      const turn = queue.current.then(() => send(values, base)).then((record) => {
        afterWrite(client, entity.plural, record);
        return tellWarnings(record);
      });
      // A failed save must not block the ones after it.
      queue.current = turn.catch(() => undefined);
      return turn;
    },
    [client, entity.plural, send],
  );
}
