/** The mock API for tests: replaces fetch and remembers what was asked. */
import { vi } from 'vitest';

import { handle, resetMock, type MockAnswer, type MockRequest } from './handlers';

export interface MockApi {
  requests: MockRequest[];
  /** Answer requests differently: return undefined to fall through to the ordinary mock. */
  intercept: (answer: (request: MockRequest) => MockAnswer | undefined) => void;
}

/** Install the mock API on `fetch` with fresh data; vitest removes it after the test. */
export function mockApi(): MockApi {
  resetMock();
  const api: MockApi & { answer?: (request: MockRequest) => MockAnswer | undefined } = {
    requests: [],
    intercept: (answer) => {
      api.answer = answer;
    },
  };
  vi.stubGlobal('fetch', async (input: string | URL, init: RequestInit = {}) => {
    const url = new URL(String(input), 'http://workspace.test');
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : (init.body ?? {});
    const request: MockRequest = { method: init.method ?? 'GET', path: url.pathname.replace('/api/v1', ''), query: Object.fromEntries(url.searchParams), body, ifMatch: new Headers(init.headers).get('If-Match') };
    api.requests.push(request);
    const answer = api.answer?.(request) ?? handle(request);
    return new Response(answer.status === 204 ? null : JSON.stringify(answer.body), { status: answer.status, headers: { 'Content-Type': 'application/json' } });
  });
  return api;
}
