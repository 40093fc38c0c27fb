import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { apiUrl, get, onSessionExpired, patch, post, remove, setCsrfToken } from './client';
import { ApiError, errorMessage } from './errors';
import { createRecord, listRecords, updateRecord } from './records';

type Call = { url: string; init: RequestInit; headers: Headers };
let calls: Call[];
let answers: (() => Response | Promise<Response>)[];

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'X-Request-Id': 'req-1' } });

beforeEach(() => {
  calls = [];
  answers = [];
  setCsrfToken('token-1');
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({ url, init, headers: new Headers(init.headers) });
    const answer = answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer();
  });
});

afterEach(() => {
  onSessionExpired(null);
  vi.useRealTimers();
});

describe('requests', () => {
  it('leaves empty parameters out and keeps the path below /api/v1', () => {
    expect(apiUrl('/accounts', { q: 'a b', view: null, limit: 0 })).toBe('/api/v1/accounts?q=a+b&limit=0');
  });

  it('sends the CSRF token with changes only', async () => {
    answers = [() => json({}), () => json({})];
    await get('/session');
    await patch('/preferences', { a: 1 });
    expect(calls[0]!.headers.get('X-CSRFToken')).toBeNull();
    expect(calls[1]!.headers.get('X-CSRFToken')).toBe('token-1');
    expect(calls[1]!.init.body).toBe('{"a":1}');
  });

  it('prefers the cookie, which another tab may have renewed', async () => {
    document.cookie = 'csrftoken=newer';
    answers = [() => json({})];
    await post('/x');
    expect(calls[0]!.headers.get('X-CSRFToken')).toBe('newer');
    document.cookie = 'csrftoken=; expires=Thu, 01 Jan 1970 00:00:00 GMT';
  });

  it('gives each POST its own idempotency key and PATCH none', async () => {
    answers = [() => json({}), () => json({}), () => json({})];
    await createRecord('accounts', { name: 'A' });
    await createRecord('accounts', { name: 'A' });
    await updateRecord('accounts', '1', { name: 'B' }, 3);
    const [first, second, third] = calls.map((call) => call.headers.get('Idempotency-Key'));
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(third).toBeNull();
    expect(calls[2]!.headers.get('If-Match')).toBe('3');
  });

  it('answers undefined for 204', async () => {
    answers = [() => new Response(null, { status: 204 })];
    await expect(remove('/accounts/1')).resolves.toBeUndefined();
  });

  it('sends long lists as POST /query', async () => {
    const empty = { rows: [], next: null };
    answers = [() => json(empty), () => json(empty)];
    await listRecords('accounts', { filter: { attribute: 'name', operator: 'eq', value: 'x' } });
    await listRecords('accounts', { filter: { attribute: 'id', operator: 'in', value: Array.from({ length: 100 }, (_, n) => `id-${n}-0000-0000`) } });
    expect(calls[0]!.init.method).toBe('GET');
    expect(calls[1]!.init.method).toBe('POST');
    expect(calls[1]!.url).toBe('/api/v1/accounts/query');
  });
});

describe('retries', () => {
  it('repeats GET after a passing failure', async () => {
    vi.useFakeTimers();
    answers = [() => json({}, 503), () => Promise.reject(new TypeError('lost')), () => json({ ok: true })];
    const answer = get<{ ok: boolean }>('/accounts');
    await vi.runAllTimersAsync();
    await expect(answer).resolves.toEqual({ ok: true });
    expect(calls).toHaveLength(3);
  });

  it('gives up after three attempts', async () => {
    vi.useFakeTimers();
    const answer = get('/accounts').catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    const error = (await answer) as ApiError;
    expect(error).toBeInstanceOf(ApiError);
    expect(error.isNetwork).toBe(true);
    expect(calls).toHaveLength(3);
  });

  it('comes back when it was turned away untouched, changes too, and not for an allowance that is used up', async () => {
    vi.useFakeTimers();
    const busy = (seconds: string) => () =>
      new Response(JSON.stringify({ code: 'tenant.too_many_requests', message: 'busy' }), { status: 429, headers: { 'Retry-After': seconds } });
    answers = [busy('1'), busy('1'), () => json({ ok: true })];
    const done = post('/accounts', { name: 'A' });
    await vi.runAllTimersAsync();
    await expect(done).resolves.toEqual({ ok: true });
    expect(new Set(calls.map((call) => call.headers.get('Idempotency-Key'))).size).toBe(1);
    answers = [busy('3600')];
    await expect(get('/x')).rejects.toMatchObject({ status: 429 });
    expect(calls).toHaveLength(4);
  });

  it('never repeats a change', async () => {
    answers = [() => json({ code: 'x', message: 'busy' }, 503)];
    await expect(post('/accounts', {})).rejects.toMatchObject({ status: 503 });
    expect(calls).toHaveLength(1);
  });
});

describe('errors', () => {
  it('carries code, field, details and reference', async () => {
    answers = [() => json({ code: 'validation.failed', message: 'Look again.', field: null, details: { errors: [{ code: 'a', message: 'Name is required.', field: 'name' }] }, request_id: 'r-9' }, 422)];
    const error = (await post('/accounts', {}).catch((caught: unknown) => caught)) as ApiError;
    expect(error.requestId).toBe('r-9');
    expect(error.fieldErrors).toEqual([{ code: 'a', message: 'Name is required.', field: 'name' }]);
    expect(errorMessage(error)).toBe('Name is required.');
  });

  it('reads an answer that is not JSON', async () => {
    answers = [() => new Response('<html>', { status: 413, statusText: 'Too large', headers: { 'X-Request-Id': 'r-2' } })];
    const error = (await post('/files', {}).catch((caught: unknown) => caught)) as ApiError;
    expect(error).toMatchObject({ status: 413, code: 'http.413', requestId: 'r-2' });
  });

  it('says nothing technical about a broken server or a lost connection', () => {
    expect(errorMessage(new ApiError(500, { code: 'x', message: 'KeyError' }))).not.toContain('KeyError');
    expect(errorMessage(new ApiError(0, { code: 'x', message: 'Failed to fetch' }))).toContain('cannot be reached');
  });
});

describe('an ended session', () => {
  it('asks once for all calls and repeats them with the same idempotency key', async () => {
    const refused = () => json({ code: 'session.required', message: 'Log in.' }, 401);
    answers = [refused, refused, () => json({ a: 1 }), () => json({ b: 2 })];
    const asked = vi.fn(() => Promise.resolve());
    onSessionExpired(asked);
    const both = await Promise.all([get('/accounts'), post('/accounts', { name: 'A' })]);
    expect(both).toEqual([{ a: 1 }, { b: 2 }]);
    expect(asked).toHaveBeenCalledTimes(1);
    const posts = calls.filter((call) => call.init.method === 'POST').map((call) => call.headers.get('Idempotency-Key'));
    expect(posts).toHaveLength(2);
    expect(posts[0]).toBe(posts[1]);
  });

  it('fails the call when the user gives up', async () => {
    answers = [() => json({}, 401)];
    onSessionExpired(() => Promise.reject(new ApiError(401, { code: 'session.expired', message: 'given up' })));
    await expect(get('/accounts')).rejects.toMatchObject({ code: 'session.expired' });
    expect(calls).toHaveLength(1);
  });
});
