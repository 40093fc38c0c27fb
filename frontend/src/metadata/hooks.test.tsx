import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { keys } from '@/api/keys';
import type { Job } from '@/api/types';
import { handle } from '@/testing/handlers';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp, testClient } from '@/testing/render';
import { entityQuery, sessionQuery, useEntity, usePrivilege } from './hooks';
import { isActive, jobsQuery, trackJob } from './jobs';
import { setPreference, useFavourites, usePreference } from './preferences';
import type { Session } from './types';

let api: MockApi;
beforeEach(() => {
  api = mockApi();
});

describe('the metadata version', () => {
  it('makes entities be read anew when it changes, and only then', async () => {
    const client = testClient();
    await client.fetchQuery(sessionQuery(client));
    await client.fetchQuery(entityQuery('account'));
    await client.fetchQuery({ ...sessionQuery(client), staleTime: 0 });
    expect(client.getQueryState(keys.entity('account'))?.isInvalidated).toBe(false);

    api.intercept((request) => (request.path === '/session' ? { status: 200, body: { ...(handle(request).body as Session), metadata_version: '8' } } : undefined));
    await client.fetchQuery({ ...sessionQuery(client), staleTime: 0 });
    expect(client.getQueryState(keys.entity('account'))?.isInvalidated).toBe(true);
  });
});

function Facts() {
  const entity = useEntity('opportunity');
  const mayDelete = usePrivilege('opportunity', 'delete');
  return <p>{`${entity.label_plural} ${String(mayDelete)} ${String(usePrivilege('nothing', 'read'))}`}</p>;
}

describe('hooks', () => {
  it('read entity and privileges', async () => {
    await renderApp(<Facts />);
    expect(await screen.findByText('Opportunities true false')).toBeInTheDocument();
  });
});

function Arrangement() {
  const [width, setWidth] = usePreference('width', 100);
  const { favourites, toggle } = useFavourites();
  return (
    <>
      <button onClick={() => setWidth(width + 1)}>{width}</button>
      <button onClick={() => toggle({ label: 'Open deals', path: '/opportunities?view=1', object: 'opportunity' })}>{favourites.length} favourites</button>
    </>
  );
}

describe('preferences', () => {
  it('change at once and are sent together after a moment', async () => {
    await renderApp(<Arrangement />);
    await userEvent.click(screen.getByText('100'));
    await userEvent.click(await screen.findByText('101'));
    await userEvent.click(screen.getByText('0 favourites'));
    expect(await screen.findByText('102')).toBeInTheDocument();
    expect(screen.getByText('1 favourites')).toBeInTheDocument();
    const sent = () => api.requests.filter((request) => request.method === 'PATCH').map((request) => request.body);
    expect(sent()).toEqual([]);
    await waitFor(() => expect(sent()).toEqual([{ width: 102, favourites: [{ label: 'Open deals', path: '/opportunities?view=1', object: 'opportunity' }] }]), { timeout: 3000 });
  });

  it('send what could not be saved with the next change', async () => {
    vi.useFakeTimers();
    const client = testClient();
    api.intercept((request) => (request.method === 'PATCH' ? { status: 500, body: { code: 'x', message: 'x' } } : undefined));
    setPreference(client, 'a', 1);
    await vi.advanceTimersByTimeAsync(700);
    api.intercept(() => undefined);
    setPreference(client, 'b', 2);
    await vi.advanceTimersByTimeAsync(700);
    vi.useRealTimers();
    expect(api.requests.at(-1)?.body).toEqual({ a: 1, b: 2 });
  });
});

describe('jobs', () => {
  const job = { id: 'j1', state: 'running', kind: 'bulk', label: 'Edit', object: 'account', total: 10, done: 1, failed: 0, created_at: '', finished_at: null, can_undo: false, result: null, error: null, file: null } satisfies Job;

  it('are polled while one runs', async () => {
    const client = testClient();
    trackJob(client, job);
    const poll = jobsQuery().refetchInterval;
    const query = client.getQueryCache().find({ queryKey: keys.jobs })!;
    expect(typeof poll === 'function' && poll(query as never)).toBeGreaterThan(0);
    trackJob(client, { ...job, state: 'succeeded' });
    expect(client.getQueryData<Job[]>(keys.jobs)).toHaveLength(1);
    await waitFor(() => expect(typeof poll === 'function' && poll(query as never)).toBe(false));
    expect(isActive({ ...job, state: 'undoing' })).toBe(true);
  });
});
