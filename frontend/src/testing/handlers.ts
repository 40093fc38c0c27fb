/** The mock API: answers the contract of deploy/docs/api.md from memory. Used by tests and `npm run dev:mock`. */
import type { Filter, Job, RecordData } from '@/api/types';
import type { Change } from '@/api/customization';
import type { Entity, Session, View } from '@/metadata/types';
import { ref, resetData, tables } from './data';
import { matches, sortRows } from './filtering';
import { entities, visibleObjects } from './model';

export interface MockRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  ifMatch?: string | null;
}
export interface MockAnswer {
  status: number;
  body: unknown;
}
type Body = Record<string, unknown>;

const ME = '00000001-0000-7000-8000-000000000000';
let preferences: Body = {};
let deleted: { object: string; record: RecordData; at: string }[] = [];
let jobs: Job[] = [];
let changes: Change[] = [];
let invitations: Body[] = [];
let views: View[] = [];
let rolePrivileges: Record<string, Body> = {};
let user: Session['user'];
let counter = 0;

/** Put everything back to the start; call it before each test. */
export function resetMock(): void {
  resetData();
  preferences = {};
  deleted = [];
  jobs = [];
  changes = [];
  invitations = [];
  rolePrivileges = {};
  counter = 0;
  views = entities.flatMap((entity) => entity.views);
  user = { id: ME, name: 'Ana Berg', email: 'ana@example.com', language: 'en', time_zone: 'Europe/Berlin', date_format: null, theme: 'auto', is_admin: true };
}
resetMock();

const ok = (body: unknown, status = 200): MockAnswer => ({ status, body });
const fail = (status: number, code: string, message: string, more: Body = {}): MockAnswer => ({ status, body: { code, message, field: null, details: {}, request_id: 'req-mock-0001', ...more } });
const missing = () => fail(404, 'record.not_found', 'There is no such record.');
const now = () => new Date().toISOString().replace(/\.\d+Z/, 'Z');
const newId = () => `99999999-0000-7000-8000-${String(++counter).padStart(12, '0')}`;

function session(): Session {
  const all = { create: true, read: true, write: true, delete: true, assign: true, import: true, export: true };
  return {
    user,
    workspace: { name: 'Nordwind Group', slug: 'nordwind', currency: 'EUR', language: 'en', time_zone: 'Europe/Berlin', country: 'DE', state: 'trialing', trial_ends_at: new Date(Date.now() + 11 * 86_400_000).toISOString(), plan: 'Team', product_name: 'Kontor', sample_data: true },
    metadata_version: '7',
    objects: entities.filter((entity) => visibleObjects.includes(entity.name)).map(({ name, plural, label, label_plural, icon, color, custom, group, features }) => ({ name, plural, label, label_plural, icon, color, custom, group, features, privileges: all })),
    capabilities: ['customize', 'manage_users', 'manage_roles', 'manage_workspace', 'bulk_delete'],
    csrf_token: 'mock-token',
  };
}

const entityOf = (nameOrPlural: string): Entity | undefined => entities.find((entity) => entity.plural === nameOrPlural || entity.name === nameOrPlural);

/** A written value in the shape it is read. */
function readShape(entity: Entity, name: string, value: unknown): unknown {
  const attribute = entity.attributes.find((entry) => entry.name === name);
  if (!attribute || value == null) return value ?? null;
  if (['lookup', 'customer', 'regarding', 'owner'].includes(attribute.type)) {
    const id = typeof value === 'object' ? String((value as Body).id) : String(value);
    for (const target of attribute.targets) {
      const found = tables[target]?.find((record) => record.id === id);
      if (found) return ref(target, found);
    }
    return null;
  }
  return (attribute.type === 'money' || attribute.type === 'dec') && value !== '' ? Number(value).toFixed(attribute.precision ?? 2) : value;
}

function named(entity: Entity, record: RecordData): RecordData {
  if (entity.name === 'contact') record.full_name = [record.first_name, record.last_name].filter(Boolean).join(' ');
  return record;
}

function invalid(entity: Entity, values: Body, creating: boolean): MockAnswer | null {
  const errors = entity.attributes
    .filter((attribute) => attribute.required && attribute.type !== 'owner' && (attribute.name in values ? values[attribute.name] === null || values[attribute.name] === '' : creating && attribute.default == null))
    .map((attribute) => ({ code: 'attribute.required', message: `${attribute.label} is required.`, field: attribute.name }));
  const unknown = Object.keys(values).find((name) => !entity.attributes.some((attribute) => attribute.name === name));
  if (unknown) return fail(400, 'attribute.unknown', `There is no attribute ${unknown}.`, { field: unknown });
  return errors.length ? fail(422, 'validation.failed', 'Some fields need attention.', { details: { errors } }) : null;
}

interface Selection {
  view?: string;
  filter?: Filter | null;
  q?: string;
}

function select(entity: Entity, { view, filter, q }: Selection): RecordData[] {
  const saved = views.find((entry) => entry.id === view);
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const searchable = entity.attributes.filter((attribute) => attribute.searchable).map((attribute) => attribute.name);
  return (tables[entity.name] ?? []).filter(
    (row) => matches(row, saved?.filter, ME) && matches(row, filter, ME) && words.every((word) => searchable.some((name) => String(row[name] ?? '').toLowerCase().includes(word))),
  );
}

const sumOf = (rows: RecordData[], name: string) => rows.reduce((sum, row) => sum + Number(row[name] ?? 0), 0).toFixed(2);

function pathValue(row: RecordData, path: string): unknown {
  const [head, ...rest] = path.split('.');
  const value = row[head!];
  if (!rest.length) return value ?? null;
  const target = value as { object: string; id: string } | null;
  const next = target && tables[target.object]?.find((record) => record.id === target.id);
  return next ? pathValue(next, rest.join('.')) : null;
}

function list(entity: Entity, query: Body): MockAnswer {
  const filter = (typeof query.filter === 'string' ? JSON.parse(query.filter) : query.filter) as Filter | null;
  const names = (key: string) => (Array.isArray(query[key]) ? (query[key] as string[]) : typeof query[key] === 'string' ? (query[key] as string).split(',') : []);
  const saved = views.find((entry) => entry.id === query.view);
  const order = names('order').length ? names('order') : (saved?.order ?? ['-created_at']);
  const rows = sortRows(select(entity, { view: query.view as string, filter, q: query.q as string }), order);
  const limit = Number(query.limit ?? 50);
  const from = Number(query.cursor ?? 0);
  const fields = names('fields');
  const page = rows.slice(from, from + limit).map((row) => (fields.length ? { id: row.id, version: row.version, masked: row.masked, ...Object.fromEntries(fields.map((name) => [name, pathValue(row, name)])) } : row));
  return ok({
    rows: page,
    next: from + limit < rows.length ? String(from + limit) : null,
    previous: from > 0 ? String(Math.max(0, from - limit)) : null,
    count: query.count === 'none' ? null : { value: rows.length, exact: true },
    sums: names('sums').length ? Object.fromEntries(names('sums').map((name) => [name, sumOf(rows, name)])) : null,
  });
}

function timeline(entity: Entity, record: RecordData) {
  const open = (tables.task ?? []).filter((row) => row.state === 'open' && (row.regarding as { id: string } | null)?.id === record.id);
  return {
    open: open.map((row) => ({ kind: 'task', at: row.due_at, actor: row.owner, id: row.id, object: 'task', title: row.subject, body: null, state: 'open' })),
    items: [
      ...((record.notes as unknown[]) ?? []),
      { kind: 'change', at: record.modified_at, actor: record.owner, id: `${record.id}-change`, object: null, title: null, body: null, changes: [{ attribute: entity.primary_attribute, label: 'Name', old: 'Former name', new: record[entity.primary_attribute] }] },
      { kind: 'created', at: record.created_at, actor: record.created_by ?? record.owner, id: `${record.id}-created`, object: null, title: null, body: null },
    ],
    next: null,
  };
}

function relatedRows(entity: Entity, record: RecordData, name: string): { entity: Entity; rows: RecordData[] } | null {
  const relationship = entity.relationships.find((entry) => entry.name === name);
  const target = relationship && entityOf(relationship.object);
  if (!relationship || !target) return null;
  return { entity: target, rows: (tables[target.name] ?? []).filter((row) => (row[relationship.attribute] as { id: string } | null)?.id === record.id) };
}

function full(entity: Entity, record: RecordData, include = ''): RecordData {
  const wanted = include.split(',');
  const body: RecordData = { ...record };
  body.allowed_actions = entity.actions.filter((action) => !action.states.length || action.states.includes(String(record.state))).map((action) => action.name);
  body.privileges = { write: true, delete: true, append_to: true, assign: true, share: true };
  if (wanted.includes('timeline')) body.timeline = timeline(entity, record);
  if (wanted.includes('related')) {
    body.related = Object.fromEntries(entity.forms.main.related.map((name) => {
      const found = relatedRows(entity, record, name);
      return [name, { count: found?.rows.length ?? 0, rows: found?.rows.slice(0, 5) ?? [] }];
    }));
  }
  return body;
}

function create(entity: Entity, values: Body, query: Record<string, string>): MockAnswer {
  const problem = invalid(entity, values, true);
  if (problem) return problem;
  if (query.detect_duplicates === 'true') {
    const found = duplicates(entity, values);
    if (found.length) return fail(409, 'record.duplicates_found', 'Similar records exist.', { details: { matches: found, hidden: 0 } });
  }
  const record: RecordData = { id: newId(), version: 1, state: entity.states[0]?.value, status_reason: entity.states[0]?.reasons[0]?.value, owner: ref('user', tables.user![0]!), created_at: now(), modified_at: now(), created_by: ref('user', tables.user![0]!) };
  for (const attribute of entity.attributes) if (!(attribute.name in record)) record[attribute.name] = attribute.default ?? null;
  for (const [name, value] of Object.entries(values)) record[name] = readShape(entity, name, value);
  tables[entity.name]!.unshift(named(entity, record));
  return ok(full(entity, record), 201);
}

function duplicates(entity: Entity, values: Body, except?: string | null) {
  return (tables[entity.name] ?? [])
    .filter((row) => row.id !== except && entity.duplicates.some((rule) => rule.every((name) => values[name] && String(row[name] ?? '').toLowerCase() === String(values[name]).toLowerCase())))
    .slice(0, 20)
    .map((row) => ({ ...ref(entity.name, row), facts: [String(row.email ?? row.city ?? ''), String(row.phone ?? '')].filter(Boolean) }));
}

function update(entity: Entity, record: RecordData, values: Body, ifMatch?: string | null): MockAnswer {
  if (ifMatch && Number(ifMatch) !== record.version) return fail(412, 'record.version_mismatch', 'Somebody else changed this record.', { details: { current: full(entity, record) } });
  const problem = invalid(entity, values, false);
  if (problem) return problem;
  for (const [name, value] of Object.entries(values)) record[name] = readShape(entity, name, value);
  Object.assign(record, { version: Number(record.version) + 1, modified_at: now() });
  return ok(full(entity, named(entity, record)));
}

const STATE_AFTER: Record<string, string> = { win: 'won', lose: 'lost', reopen: 'open', qualify: 'qualified', disqualify: 'disqualified', complete: 'completed', activate: 'active', deactivate: 'inactive' };

function act(entity: Entity, record: RecordData, action: string, parameters: Body): MockAnswer {
  const target = STATE_AFTER[action];
  if (action === 'assign') record.owner = readShape(entity, 'owner', parameters.owner);
  else if (target) {
    const state = entity.states.find((entry) => entry.value === target)!;
    Object.assign(record, { state: target, status_reason: parameters.status_reason ?? state.reasons[0]!.value });
    for (const name of ['actual_revenue', 'actual_close_date']) if (parameters[name] != null) record[name] = parameters[name];
  } else return fail(404, 'action.unknown', 'There is no such action.');
  record.version = Number(record.version) + 1;
  return ok({ record: full(entity, record), result: {}, warnings: [] });
}

function board(entity: Entity, body: Body): MockAnswer {
  const name = (body.attribute as string) ?? entity.board?.attribute ?? 'status_reason';
  const attribute = entity.attributes.find((entry) => entry.name === name)!;
  const rows = select(entity, { filter: (body.filter as Filter) ?? entity.board?.filter, q: body.q as string });
  const limit = Number(body.limit ?? 50);
  return ok({
    columns: attribute.options.map((option) => {
      const own = rows.filter((row) => row[name] === option.value);
      return { value: option.value, label: option.label, color: option.color, count: own.length, sum: entity.board?.sum ? sumOf(own, entity.board.sum) : null, weighted: entity.board?.weighted ? sumOf(own, entity.board.weighted) : null, rows: own.slice(0, limit), next: own.length > limit ? String(limit) : null };
    }),
  });
}

function aggregate(entity: Entity, body: Body): MockAnswer {
  const rows = select(entity, body as Selection);
  const groups = (body.group as { attribute: string; by?: string }[]) ?? [];
  const measures = (body.measures as { fn: string; attribute?: string }[]) ?? [{ fn: 'count' }];
  const measure = (own: RecordData[]) => measures.map(({ fn, attribute }) => (fn === 'count' ? own.length : fn === 'avg' ? (Number(sumOf(own, attribute!)) / (own.length || 1)).toFixed(2) : sumOf(own, attribute!)));
  const buckets = new Map<string, RecordData[]>();
  const keyOf = (row: RecordData, { attribute, by }: { attribute: string; by?: string }) => {
    const value = row[attribute];
    if (value == null) return null;
    if (by) return `${String(value).slice(0, by === 'year' ? 4 : 7)}${by === 'year' ? '-01-01' : '-01'}`;
    return typeof value === 'object' ? (value as { id: string }).id : String(value);
  };
  for (const row of rows) {
    const key = JSON.stringify(groups.map((group) => keyOf(row, group)));
    buckets.set(key, [...(buckets.get(key) ?? []), row]);
  }
  const label = (group: { attribute: string; by?: string }, key: string | null, row: RecordData) => {
    const value = row[group.attribute];
    const option = entity.attributes.find((entry) => entry.name === group.attribute)?.options.find((entry) => String(entry.value) === key);
    return option?.label ?? (group.by ? String(key).slice(0, 7) : value && typeof value === 'object' && 'name' in value ? String(value.name) : String(key ?? ''));
  };
  return ok({
    groups: [...buckets].map(([key, own]) => {
      const parts = JSON.parse(key) as (string | null)[];
      return { keys: parts, labels: groups.map((group, index) => label(group, parts[index] ?? null, own[0]!)), values: measure(own), filter: { and: groups.map((group, index) => ({ attribute: group.attribute, operator: 'eq', value: parts[index] ?? null })) } };
    }),
    totals: measure(rows),
  });
}

function makeJob(kind: string, label: string, object: string, done: number, more: Partial<Job> = {}): Job {
  const job: Job = { id: newId(), kind, label, object, state: 'succeeded', total: done, done, failed: 0, created_at: now(), finished_at: now(), can_undo: kind === 'bulk', result: { changed: done }, error: null, file: null, ...more };
  jobs.unshift(job);
  return job;
}

function bulk(entity: Entity, body: Body, preview: boolean): MockAnswer {
  const ids = body.ids as string[] | null;
  const rows = ids ? (tables[entity.name] ?? []).filter((row) => ids.includes(row.id)) : select(entity, body as Selection);
  if (preview) return ok({ selected: rows.length, allowed: rows.length, skipped: 0, reasons: [] });
  for (const row of rows) {
    if (body.operation === 'delete') drop(entity, row);
    if (body.operation === 'edit') update(entity, row, body.values as Body);
    if (body.operation === 'assign') row.owner = readShape(entity, 'owner', body.owner);
    if (body.operation === 'action') act(entity, row, String(body.action), (body.values as Body) ?? {});
  }
  return ok({ job: makeJob('bulk', `${String(body.operation)} ${rows.length} ${entity.label_plural}`, entity.name, rows.length) }, 202);
}

function drop(entity: Entity, record: RecordData) {
  tables[entity.name] = tables[entity.name]!.filter((row) => row !== record);
  deleted.unshift({ object: entity.name, record, at: now() });
}

function search(query: Record<string, string>): MockAnswer {
  const wanted = query.objects?.split(',') ?? ['account', 'contact', 'lead', 'opportunity', 'task', 'product'];
  const groups = wanted.flatMap((name) => {
    const entity = entityOf(name);
    if (!entity) return [];
    const rows = select(entity, { q: query.q }).slice(0, Number(query.limit ?? 5));
    return rows.length ? [{ object: name, label: entity.label_plural, rows: rows.map((row) => ({ ...ref(name, row), facts: entity.forms.main.header.slice(0, 2).map((key) => { const value = row[key]; return value && typeof value === 'object' && 'name' in value ? String(value.name) : value == null ? '' : (entity.attributes.find((entry) => entry.name === key)?.options.find((option) => option.value === value)?.label ?? String(value)); }).filter(Boolean) })) }] : [];
  });
  return ok({ groups });
}

function objectPaths(entity: Entity, request: MockRequest, rest: string[]): MockAnswer {
  const { method, query } = request;
  const body = (request.body ?? {}) as Body;
  const [first, second, third] = rest;
  if (!first) return method === 'POST' ? create(entity, body, query) : list(entity, query);
  if (method === 'POST' && !second) {
    if (first === 'query') return list(entity, body);
    if (first === 'board') return board(entity, body);
    if (first === 'aggregate') return aggregate(entity, body);
    if (first === 'bulk') return bulk(entity, body, false);
    if (first === 'duplicates') return ok({ matches: duplicates(entity, (body.values as Body) ?? {}, body.id as string), hidden: 0 });
    if (first === 'export') return ok({ job: makeJob('export', `Export ${entity.label_plural}`, entity.name, select(entity, body as Selection).length, { file: { url: '/api/v1/files/mock/download' } }) }, 202);
  }
  if (first === 'bulk' && second === 'preview') return bulk(entity, body, true);
  const record = tables[entity.name]?.find((row) => row.id === first);
  if (!record) return missing();
  if (entity.name === 'role' && second === 'actions') return ok({ ...record, id: newId(), name: body.name });
  if (entity.name === 'role' && second === 'privileges') return privileges(record.id, request);
  if (entity.name === 'user' && second === 'roles') return ok({ roles: method === 'PUT' ? (body.roles as string[]).map((id) => ({ id, name: '' })) : [{ id: tables.role![0]!.id, name: 'System administrator' }] });
  if (second === 'owned') return ok({ rows: [{ plural: 'accounts', label: 'Accounts', count: 2 }], total: 2 });
  if (second === 'presence') return ok({ people: [] });
  if (second === 'actions' && third === 'reassign') return ok({ job: makeJob('reassign', 'Reassign', 'account', 2) }, 202);
  if (entity.name === 'user' && second === 'actions') return ok(Object.assign(record, { state: third === 'disable' ? 'inactive' : 'active' }));
  if (!second) {
    if (method === 'PATCH') return update(entity, record, body, request.ifMatch);
    if (method === 'DELETE') {
      drop(entity, record);
      return ok(undefined, 204);
    }
    return ok(full(entity, record, query.include));
  }
  if (second === 'timeline') return ok(timeline(entity, record));
  if (second === 'actions' && third) return act(entity, record, third, body);
  const related = relatedRows(entity, record, second);
  return related ? ok({ rows: related.rows, next: null, previous: null, count: { value: related.rows.length, exact: true }, sums: null }) : missing();
}

const KNOWN_CAPABILITIES = ['customize', 'manage_users', 'manage_roles', 'manage_billing', 'view_audit', 'bulk', 'export_sensitive', 'api_access', 'manage_views', 'personal_data'];
const START_DEPTHS = { create: 'unit', read: 'organisation', write: 'own', delete: 'own', append: 'own', append_to: 'organisation', assign: 'own', share: 'none', merge: 'none', export: 'unit', import: 'none' };

function privileges(id: string, { method, body }: MockRequest): MockAnswer {
  const role = tables.role!.find((row) => row.id === id)!;
  const administrator = role.name === 'System administrator';
  const present = (rolePrivileges[id] ??= { privileges: {}, capabilities: ['bulk'] }) as { privileges: Record<string, Body>; capabilities: string[] };
  if (method === 'PUT') {
    const sent = body as { privileges: Record<string, Body>; capabilities?: string[] };
    for (const [object, depths] of Object.entries(sent.privileges)) present.privileges[object] = { ...present.privileges[object], ...depths };
    present.capabilities = sent.capabilities ?? present.capabilities;
  }
  return ok({
    role: { id, name: role.name, description: null, is_administrator: administrator, delivered: true },
    privileges: Object.keys(START_DEPTHS),
    depths: ['none', 'own', 'team', 'unit', 'unit_and_children', 'organisation'],
    objects: entities.map((entity) => ({ name: entity.name, label: entity.label_plural, group: entity.group, ownership: entity.ownership, choices: entity.ownership === 'organisation' ? ['none', 'organisation'] : ['none', 'own', 'team', 'unit', 'unit_and_children', 'organisation'], depths: { ...START_DEPTHS, ...present.privileges[entity.name] } })),
    capabilities: KNOWN_CAPABILITIES.map((name) => ({ name, granted: administrator || present.capabilities.includes(name) })),
  });
}

function customization(request: MockRequest, rest: string[]): MockAnswer {
  const [first, second] = rest;
  if (first === 'changes' && request.method === 'POST') {
    const change = { ...(request.body as Change), id: newId() };
    change.name ??= `c_${String((change.definition as Body).label ?? '').toLowerCase()}`;
    changes.push({ ...change, summary: `${change.operation} ${change.kind} ${String((change.definition as Body).label ?? change.name)}` });
    return ok(changes.at(-1), 201);
  }
  if (first === 'changes' && second) {
    changes = changes.filter((change) => change.id !== second);
    return ok(undefined, 204);
  }
  if (first === 'option_lists') return ok({ lists: [] });
  if (first === 'impact') return ok({ changes: changes.map((change) => ({ ...change, used_in: [], blocking: false })), problems: [] });
  if (first === 'publish' || first === 'discard' || first === 'rollback') {
    changes = [];
    return ok({ version: 8 });
  }
  return ok({ published_version: 7, draft: { changes, problems: [] }, history: [{ version: 7, published_at: '2026-11-20T09:00:00Z', by: { id: ME, name: 'Ana Berg' }, summary: 'Added the field Berth to Account' }, { version: 6, published_at: '2026-11-02T09:00:00Z', by: { id: ME, name: 'Ana Berg' }, summary: 'Standard objects' }] });
}

function viewPaths({ method, query, body }: MockRequest, id: string | undefined): MockAnswer {
  if (method === 'POST') {
    const made = { is_default: false, group_by: null, board_attribute: null, ...(body as Partial<View>), id: newId(), kind: 'personal', editable: true, owner: { id: ME, name: 'Ana Berg' } } as View;
    views.push(made);
    return ok(made, 201);
  }
  if (!id) return ok({ rows: views.filter((entry) => entry.object === query.object) });
  const found = views.find((entry) => entry.id === id);
  if (!found) return missing();
  if (method === 'DELETE') {
    views = views.filter((entry) => entry !== found);
    return ok(undefined, 204);
  }
  return ok(Object.assign(found, body));
}

function recycleBin({ method, query, body }: MockRequest, verb: string | undefined): MockAnswer {
  if (method === 'GET') return ok({ rows: deleted.filter((entry) => !query.object || entry.object === query.object).map(({ object, record, at }) => ({ ...ref(object, record), deleted_at: at, deleted_by: { id: ME, name: 'Ana Berg' }, children: 0 })), next: null });
  const entry = deleted.find(({ record }) => record.id === (body as Body).id);
  if (!entry) return missing();
  deleted = deleted.filter((other) => other !== entry);
  if (verb === 'restore') tables[entry.object]!.unshift(entry.record);
  return ok({});
}

type Handler = (request: MockRequest, rest: string[]) => MockAnswer;

const ROUTES: Record<string, Handler> = {
  session: ({ method, body }) => {
    if (method === 'DELETE') return ok(undefined, 204);
    if (method === 'PATCH') Object.assign(user, body);
    return ok(session());
  },
  preferences: ({ method, body }) => ok(method === 'PATCH' ? Object.assign(preferences, body) : preferences),
  metadata: (_request, [, name]) => {
    if (!name) return ok({ version: '7', objects: session().objects });
    const entity = entityOf(name);
    return entity ? ok({ ...entity, views: views.filter((entry) => entry.object === name) }) : missing();
  },
  views: (request, [id]) => viewPaths(request, id),
  search: ({ query }, [verb]) => (verb === 'opened' ? ok(undefined, 204) : verb === 'recent' ? ok({ rows: tables.account!.slice(0, 5).map((row) => ({ ...ref('account', row), facts: [String(row.city)] })) }) : search(query)),
  recycle_bin: (request, [verb]) => recycleBin(request, verb),
  jobs: ({ method }, [id, verb, action]) => {
    if (!id) return ok({ rows: jobs });
    const job = jobs.find((entry) => entry.id === id);
    if (!job) return missing();
    if (verb === 'failures') return ok({ rows: [] });
    if (method === 'POST') Object.assign(job, { state: action === 'undo' ? 'undone' : job.state, can_undo: false });
    return ok(job);
  },
  files: () => ok({ id: newId(), name: 'upload.txt', size: 12, mime_type: 'text/plain', url: '/api/v1/files/mock/download' }, 201),
  customization,
  option_lists: () => ok({ rows: [] }),
  invitations: ({ method, body, query }, [id]) => {
    if (method === 'POST' && !id) {
      invitations.unshift({ id: newId(), name: null, state: 'sent', created_at: now(), ...(body as Body) });
      return ok(invitations[0], 201);
    }
    if (id === 'quote') return ok({ licence: query.licence, count: Number(query.count), used: 3, invited: 0, limit: 10, needed: 0, seats_before: null, seats_after: null, renews_at: null, now: null, renewal: null, refusal: null });
    return ok(id ? {} : { rows: invitations });
  },
  role_assignments: () => ok({ rows: (tables.user ?? []).map((row) => ({ role: tables.role![0]!.id, principal: { object: 'user', id: row.id, name: row.full_name } })) }),
  licences: () => ok({ seats: { full: { used: 3, limit: 10 }, read_only: { used: 1, limit: 2 } }, users: Object.fromEntries((tables.user ?? []).map((row, index) => [row.id, index === 1 ? 'read_only' : 'full'])) }),
  second_factors: () => ok({ required: 'nobody', roles: [], users: {} }),
  announcements: () => ok({ rows: [] }),
  legal: () => ok({ rows: [] }),
  onboarding: () => ok({ items: [{ key: 'import', label: 'Import contacts', done: true }, { key: 'invite', label: 'Invite a colleague', done: false }, { key: 'deal', label: 'Create the first opportunity', done: false }], dismissed: false, sample_data: true }),
  batch: ({ body }) => ok({ results: ((body as Body).operations as { method: string; path: string; body?: unknown }[]).map((operation) => handle({ method: operation.method, path: operation.path, query: {}, body: operation.body ?? {} })) }),
};

/** Answer one request; `path` is below `/api/v1`. */
export function handle(request: MockRequest): MockAnswer {
  const [head, ...rest] = request.path.split('/').filter(Boolean).map(decodeURIComponent);
  const route = ROUTES[head ?? ''];
  if (route) return route(request, rest);
  const entity = entityOf(head ?? '');
  return entity && entity.plural === head ? objectPaths(entity, request, rest) : fail(404, 'not_found', 'There is no such address.');
}
