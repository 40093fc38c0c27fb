/**
 * The one place that talks HTTP. Adds the CSRF token, keeps idempotency keys, turns answers into values or
 * `ApiError`, asks for a new log-in on 401 and then repeats the call, and retries GET only.
 */
import { ApiError } from './errors';

const BASE = '/api/v1';
const GET_ATTEMPTS = 3;
const FIRST_DELAY_MS = 300;
// While the workspace uses more than its share the server lets its requests in one by one (429 before anything is done).
const LONGEST_HOLD_S = 2;
const MOST_HOLDS = 5;

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** Version the caller has seen; the server answers 412 when the record is newer. */
  ifMatch?: number | null;
  /** Made for each POST when absent, so a repeated call never creates twice. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let csrfToken: string | null = null;
let askForLogin: (() => Promise<void>) | null = null;
let pendingLogin: Promise<void> | null = null;

/** Remember the token of `GET /session`; the cookie's name differs between HTTP and HTTPS. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Register what shows the log-in dialog; it resolves when the session is valid again and rejects when given up. */
export function onSessionExpired(handler: (() => Promise<void>) | null): void {
  askForLogin = handler;
}

function cookieToken(): string | null {
  const match = /(?:^|;\s*)(?:__Host-csrf|csrftoken)=([^;]+)/.exec(document.cookie);
  return match ? decodeURIComponent(match[1]!) : null;
}

/** Path below the API with its query string; null and undefined parameters are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null) search.set(name, String(value));
  const text = search.toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

function headersOf(method: string, options: RequestOptions): Headers {
  const headers = new Headers({ Accept: 'application/json' });
  if (options.body !== undefined && !(options.body instanceof FormData)) headers.set('Content-Type', 'application/json');
  if (method !== 'GET') {
    // The cookie is the newer one after a log-in in another tab.
    const token = cookieToken() ?? csrfToken;
    if (token) headers.set('X-CSRFToken', token);
  }
  if (options.ifMatch != null) headers.set('If-Match', String(options.ifMatch));
  if (method === 'POST') headers.set('Idempotency-Key', options.idempotencyKey ?? crypto.randomUUID());
  return headers;
}

async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('X-Request-Id');
  try {
    const body = (await response.json()) as Record<string, unknown>;
    return new ApiError(response.status, {
      code: typeof body.code === 'string' ? body.code : `http.${response.status}`,
      message: typeof body.message === 'string' ? body.message : response.statusText,
      field: (body.field as string | null | undefined) ?? null,
      details: (body.details as Record<string, unknown> | null | undefined) ?? {},
      request_id: (body.request_id as string | null | undefined) ?? requestId,
    });
  } catch {
    // Not JSON: an answer of a proxy in between.
    return new ApiError(response.status, { code: `http.${response.status}`, message: response.statusText || `HTTP ${response.status}`, request_id: requestId });
  }
}

async function once(method: string, path: string, options: RequestOptions): Promise<Response> {
  const body = options.body === undefined ? undefined : options.body instanceof FormData ? options.body : JSON.stringify(options.body);
  try {
    return await fetch(apiUrl(path, options.query), {
      method,
      headers: headersOf(method, options),
      body,
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, { code: 'network.unreachable', message: error instanceof Error ? error.message : 'network' });
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds after which a request that was turned away untouched is let in, 0 when waiting is no use. */
function heldFor(response: Response): number {
  const seconds = response.status === 429 ? Number(response.headers.get('Retry-After')) : 0;
  return seconds > 0 && seconds <= LONGEST_HOLD_S ? 1000 * seconds * (1 + Math.random() / 2) : 0;
}

async function withRetries(method: string, path: string, options: RequestOptions): Promise<Response> {
  const attempts = method === 'GET' ? GET_ATTEMPTS : 1;
  for (let attempt = 1, holds = 0; ; attempt++) {
    try {
      const response = await once(method, path, options);
      const hold = heldFor(response);
      if (hold && holds++ < MOST_HOLDS) {
        await pause(hold);
        attempt--;
        continue;
      }
      const passing = response.status === 502 || response.status === 503 || response.status === 504;
      if (!passing || attempt >= attempts) return response;
    } catch (error) {
      if (!(error instanceof ApiError) || attempt >= attempts || !navigator.onLine) throw error;
    }
    await pause(FIRST_DELAY_MS * 2 ** (attempt - 1));
  }
}

async function login(): Promise<void> {
  // All calls that fail together wait for one dialog.
  pendingLogin ??= askForLogin!().finally(() => (pendingLogin = null));
  return pendingLogin;
}

/**
 * Send a request below `/api/v1`.
 *
 * @returns the parsed JSON body, or undefined for 204
 * @throws ApiError for every answer that is not 2xx and when no answer came (status 0)
 */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  // One key for all repetitions of this call, also across a new log-in.
  const sent: RequestOptions = method === 'POST' ? { ...options, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() } : options;
  let response = await withRetries(method, path, sent);
  if (response.status === 401 && askForLogin) {
    await login();
    response = await withRetries(method, path, sent);
  }
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/**
 * Send a file with progress, which `fetch` cannot tell.
 *
 * @param onProgress share sent so far, 0 to 1
 * @throws ApiError as `request` does
 */
export async function upload<T>(path: string, body: FormData, onProgress: (share: number) => void, signal?: AbortSignal): Promise<T> {
  const idempotencyKey = crypto.randomUUID();
  const send = () =>
    new Promise<Response>((resolve, reject) => {
      const transfer = new XMLHttpRequest();
      transfer.open('POST', apiUrl(path));
      headersOf('POST', { body, idempotencyKey }).forEach((value, name) => transfer.setRequestHeader(name, value));
      transfer.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      transfer.onload = () =>
        resolve(new Response(transfer.status === 204 ? null : transfer.responseText, { status: transfer.status, statusText: transfer.statusText, headers: { 'X-Request-Id': transfer.getResponseHeader('X-Request-Id') ?? '' } }));
      transfer.onerror = () => reject(new ApiError(0, { code: 'network.unreachable', message: 'network' }));
      transfer.onabort = () => reject(new DOMException('Aborted', 'AbortError'));
      signal?.addEventListener('abort', () => transfer.abort());
      transfer.send(body);
    });
  let response = await send();
  if (response.status === 401 && askForLogin) {
    await login();
    response = await send();
  }
  if (!response.ok) throw await errorOf(response);
  return (await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>('GET', path, { query, signal });
export const post = <T>(path: string, body?: unknown, options: Omit<RequestOptions, 'body'> = {}) =>
  request<T>('POST', path, { ...options, body: body ?? {} });
export const patch = <T>(path: string, body: unknown, options: Omit<RequestOptions, 'body'> = {}) => request<T>('PATCH', path, { ...options, body });
export const put = <T>(path: string, body: unknown, options: Omit<RequestOptions, 'body'> = {}) => request<T>('PUT', path, { ...options, body });
export const remove = <T = void>(path: string, options: RequestOptions = {}) => request<T>('DELETE', path, options);
