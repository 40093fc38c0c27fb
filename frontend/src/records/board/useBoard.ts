/** Reading a board and moving its cards: shown at once, taken back with the reason when the server refuses. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError, errorMessage, keys, listRecords, readBoard, updateRecord, type BoardColumn, type RecordData } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, recordName, type Entity } from '@/metadata';
import { toast } from '@/ui';
import { both } from '../filter/tree';
import type { ListState } from '../list/state';
import { tellWarnings } from '../warnings';
import { boardQuery, CARDS_PER_PAGE, columnFilter, findCard, moveCard, withCard, withMore, type BoardData, type ColumnValue } from './columns';

/** A move the server refused because attributes are missing. */
export interface MissingFields {
  row: RecordData;
  to: BoardColumn;
  names: string[];
  error: ApiError;
}

/** Attributes a refused move asks for. */
function missingNames(entity: Entity, error: unknown, attribute: string): string[] {
  if (!(error instanceof ApiError) || error.status !== 422) return [];
  const names = error.fieldErrors.map((entry) => entry.field ?? '').filter((name) => name !== attribute && attributeOf(entity, name));
  return [...new Set(names)];
}

export function useBoard(entity: Entity, attribute: string, state: ListState) {
  const t = useT();
  const client = useQueryClient();
  const query = boardQuery(entity, attribute, state.filter, state.q, state.order);
  const key = keys.board(entity.plural, query);
  const result = useQuery({ queryKey: key, queryFn: ({ signal }) => readBoard(entity.plural, query, signal), placeholderData: keepPreviousData });
  const [loading, setLoading] = useState<ReadonlySet<ColumnValue>>(new Set());
  const [missing, setMissing] = useState<MissingFields | null>(null);
  /** Id of a card on its way back, to be drawn gliding. */
  const [returning, setReturning] = useState<string | null>(null);
  const set = (change: (data: BoardData) => BoardData) => client.setQueryData<BoardData>(key, (data) => data && change(data));

  const refresh = () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'records' && queryKey[1] === entity.plural && queryKey[2] !== 'one' });
  const confirmMove = (record: RecordData) => {
    // Probability and sums may follow from the stage: the card takes over what the server made of it.
    set((data) => withCard(data, record.id, (row) => ({ ...row, ...Object.fromEntries(Object.keys(row).map((name) => [name, record[name] ?? row[name]])), version: record.version }), null));
    void client.invalidateQueries({ queryKey: keys.record(entity.plural, record.id) });
    void refresh();
  };

  const move = async (id: string, to: ColumnValue, before: string | null = null) => {
    const data = client.getQueryData<BoardData>(key);
    const found = data && findCard(data, id);
    const target = data?.columns.find((column) => column.value === to);
    if (!found || !target || found.column.value === to) return;
    const { row, column: from } = found;
    const follower = from.rows[from.rows.indexOf(row) + 1]?.id ?? null;
    await client.cancelQueries({ queryKey: key });
    set((now) => moveCard(now, id, to, attribute, entity.board, before));
    try {
      confirmMove(tellWarnings(await updateRecord(entity.plural, id, { [attribute]: to }, row.version)));
    } catch (error) {
      setReturning(id);
      set((now) => moveCard(now, id, from.value, attribute, entity.board, follower));
      const names = missingNames(entity, error, attribute);
      if (names.length) return setMissing({ row, to: target, names, error: error as ApiError });
      toast({ kind: 'error', message: t('lists.board.refused', { name: recordName(entity, row), column: from.label || '–', reason: errorMessage(error) }) });
      if (error instanceof ApiError && (error.isConflict || error.status === 409)) void refresh();
    }
  };

  /** Send the missing attributes together with the move. */
  const complete = async (values: Record<string, unknown>) => {
    if (!missing) return;
    const record = tellWarnings(await updateRecord(entity.plural, missing.row.id, { ...values, [attribute]: missing.to.value }, missing.row.version));
    set((data) => moveCard(data, record.id, missing.to.value, attribute, entity.board));
    setMissing(null);
    confirmMove(record);
  };

  const loadMore = async (column: BoardColumn) => {
    if (!column.next || loading.has(column.value)) return;
    setLoading((before) => new Set(before).add(column.value));
    try {
      const page = await listRecords(entity.plural, {
        filter: both(query.filter, columnFilter(attribute, column.value)), q: query.q, fields: query.fields, order: query.order, cursor: column.next, limit: CARDS_PER_PAGE, count: 'none',
      });
      set((data) => withMore(data, column.value, page.rows, page.next));
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    } finally {
      setLoading((before) => {
        const next = new Set(before);
        next.delete(column.value);
        return next;
      });
    }
  };

  const takeOff = (id: string) => {
    set((data) => withCard(data, id, () => null, entity.board));
    void refresh();
  };
  return { ...result, columns: result.data?.columns ?? [], move, loadMore, loading, missing, setMissing, complete, returning, setReturning, takeOff, refresh };
}
