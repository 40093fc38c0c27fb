/** Records: the verbs of every object, addressed by its plural name. */
import { get, patch, post, remove, type RequestOptions } from './client';
import type {
  ActionAnswer,
  AggregateAnswer,
  AggregateQuery,
  BatchOperation,
  BoardColumn,
  BoardQuery,
  BulkPreview,
  BulkRequest,
  CalendarAnswer,
  CalendarQuery,
  DuplicateMatch,
  ExportRequest,
  FullRecord,
  Job,
  ListAnswer,
  ListQuery,
  RecordData,
  TimelinePage,
} from './types';

/** Above this length a list request goes as POST /query; proxies and servers refuse very long addresses. */
const MAX_QUERY_CHARACTERS = 1500;

const part = encodeURIComponent;

function listParameters(query: ListQuery) {
  return {
    view: query.view,
    fields: query.fields?.join(','),
    filter: query.filter ? JSON.stringify(query.filter) : undefined,
    order: query.order?.length ? query.order.join(',') : undefined,
    q: query.q || undefined,
    limit: query.limit,
    cursor: query.cursor ?? undefined,
    count: query.count,
    sums: query.sums?.length ? query.sums.join(',') : undefined,
  };
}

/** The JSON body of `POST /{objects}/query`: keys with no value are left out. */
function listBody(query: ListQuery): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value != null && value !== ''));
}

/** One page of records. */
export function listRecords(plural: string, query: ListQuery = {}, signal?: AbortSignal): Promise<ListAnswer> {
  const parameters = listParameters(query);
  const length = Object.values(parameters).reduce<number>((sum, value) => sum + (value == null ? 0 : encodeURIComponent(String(value)).length), 0);
  if (length <= MAX_QUERY_CHARACTERS) return get<ListAnswer>(`/${plural}`, parameters, signal);
  return post<ListAnswer>(`/${plural}/query`, listBody(query), { signal });
}

export type Include = 'timeline' | 'related' | 'access';

/** One record, with what the record page shows beside it. */
export function readRecord(plural: string, id: string, include: Include[] = [], signal?: AbortSignal): Promise<FullRecord> {
  return get<FullRecord>(`/${plural}/${part(id)}`, { include: include.join(',') || undefined }, signal);
}

export interface CreateOptions {
  /** Create although others look the same. */
  allowDuplicates?: boolean;
  /** Answer 409 `record.duplicates_found` with the matches instead of creating. */
  detectDuplicates?: boolean;
  idempotencyKey?: string;
}

export function createRecord(plural: string, values: Record<string, unknown>, options: CreateOptions = {}): Promise<FullRecord> {
  return post<FullRecord>(`/${plural}`, values, {
    query: {
      allow_duplicates: options.allowDuplicates ? true : undefined,
      detect_duplicates: options.detectDuplicates ? true : undefined,
    },
    idempotencyKey: options.idempotencyKey,
  });
}

/** Change attributes; `version` makes the server refuse (412) when somebody else saved first. */
export function updateRecord(plural: string, id: string, values: Record<string, unknown>, version?: number | null): Promise<FullRecord> {
  return patch<FullRecord>(`/${plural}/${part(id)}`, values, { ifMatch: version });
}

/** Into the recycle bin; answers the job that does it when very many records go with it. */
export async function deleteRecord(plural: string, id: string, version?: number | null): Promise<Job | null> {
  const answer = await remove<{ job: Job } | undefined>(`/${plural}/${part(id)}`, { ifMatch: version });
  return answer?.job ?? null;
}

export function listRelated(plural: string, id: string, relationship: string, query: ListQuery = {}, signal?: AbortSignal): Promise<ListAnswer> {
  return get<ListAnswer>(`/${plural}/${part(id)}/${part(relationship)}`, listParameters(query), signal);
}

/** Link a record with others by a many-to-many relationship. */
export const linkRecords = (plural: string, id: string, relationship: string, ids: string[]) => post<{ added: number }>(`/${plural}/${part(id)}/${part(relationship)}`, { ids });
/** Take one link away. */
export const unlinkRecord = (plural: string, id: string, relationship: string, other: string) => remove(`/${plural}/${part(id)}/${part(relationship)}/${part(other)}`);

export interface TimelineQuery {
  cursor?: string | null;
  kinds?: string[];
  limit?: number;
}

export function readTimeline(plural: string, id: string, query: TimelineQuery = {}, signal?: AbortSignal): Promise<TimelinePage> {
  return get<TimelinePage>(`/${plural}/${part(id)}/timeline`, { cursor: query.cursor, kinds: query.kinds?.join(',') || undefined, limit: query.limit }, signal);
}

/** Records that look like these values; `id` is the record being edited, so it does not match itself. */
export function findDuplicates(plural: string, values: Record<string, unknown>, id: string | null = null, signal?: AbortSignal) {
  return post<{ matches: DuplicateMatch[]; hidden: number }>(`/${plural}/duplicates`, { values, id }, { signal });
}

/** Run an action on one record. */
export function runAction(
  plural: string,
  id: string,
  action: string,
  parameters: Record<string, unknown> = {},
  options: Pick<RequestOptions, 'ifMatch' | 'idempotencyKey'> = {},
): Promise<ActionAnswer> {
  return post<ActionAnswer>(`/${plural}/${part(id)}/actions/${part(action)}`, parameters, options);
}

/** Run an action of the object as a whole. */
export function runCollectionAction(plural: string, action: string, parameters: Record<string, unknown> = {}): Promise<ActionAnswer> {
  return post<ActionAnswer>(`/${plural}/actions/${part(action)}`, parameters);
}

export interface MergeRequest {
  master: string;
  subordinate: string;
  values: Record<string, unknown>;
  fill_empty: boolean;
  ignore_parent?: boolean;
}

export interface MergeAnswer {
  record: FullRecord;
  moved: Record<string, number>;
  /** The job that undoes the merge. */
  job: string;
}

export function mergeRecords(plural: string, body: MergeRequest): Promise<MergeAnswer> {
  return post<MergeAnswer>(`/${plural}/merge`, body);
}

export function aggregate(plural: string, body: AggregateQuery, signal?: AbortSignal): Promise<AggregateAnswer> {
  return post<AggregateAnswer>(`/${plural}/aggregate`, body, { signal });
}

export function readBoard(plural: string, body: BoardQuery = {}, signal?: AbortSignal): Promise<{ columns: BoardColumn[] }> {
  return post<{ columns: BoardColumn[] }>(`/${plural}/board`, body, { signal });
}

export function readCalendar(plural: string, body: CalendarQuery, signal?: AbortSignal): Promise<CalendarAnswer> {
  return post<CalendarAnswer>(`/${plural}/calendar`, body, { signal });
}

/** Several requests in one round trip; with `atomic` all of them or none. */
export function batch(operations: BatchOperation[], atomic = true, signal?: AbortSignal) {
  return post<{ results: { status: number; body: unknown }[] }>('/batch', { atomic, operations }, { signal });
}

export function previewBulk(plural: string, body: BulkRequest): Promise<BulkPreview> {
  return post<BulkPreview>(`/${plural}/bulk/preview`, body);
}

export function runBulk(plural: string, body: BulkRequest): Promise<{ job: Job }> {
  return post<{ job: Job }>(`/${plural}/bulk`, body);
}

export async function exportRecords(plural: string, body: ExportRequest): Promise<Job> {
  const answer = await post<{ job: Job } | Job>(`/${plural}/export`, body);
  return 'job' in answer ? answer.job : answer;
}

/** The rows of a relation path such as `customer.industry`: the API answers them flat under the path. */
export function valueAt(row: RecordData, path: string): unknown {
  return row[path];
}

/** Compute a roll-up of one record now. */
export const renewRollUp = (plural: string, id: string, name: string) => post<{ name: string; value: unknown; as_of: string; version: number }>(`/${plural}/${id}/roll_ups/${encodeURIComponent(name)}`);
