import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { I18nProvider } from '@/i18n';
import { keys } from '@/api/keys';
import type { Job } from '@/api/types';
import { preferencesQuery, sessionQuery } from '@/metadata';
import { handle } from '@/testing/handlers';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { testClient } from '@/testing/render';
import { ConfirmHost } from '@/ui/confirm';
import { theme } from '@/ui/theme';
import { Toaster } from '@/ui/toast';
import { makeRouter } from './router';
import { SessionGuard } from './SessionGuard';

let api: MockApi;
beforeEach(() => {
  api = mockApi();
});

/** The whole workspace at an address. */
async function open(path: string) {
  const client = testClient();
  await client.fetchQuery(sessionQuery(client));
  await client.fetchQuery(preferencesQuery());
  const router = makeRouter(client);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) } as never);
  await act(async () =>
    render(
      <QueryClientProvider client={client}>
        <MantineProvider theme={theme} env="test">
          <I18nProvider>
            <RouterProvider router={router} />
            <SessionGuard />
            <ConfirmHost />
            <Toaster />
          </I18nProvider>
        </MantineProvider>
      </QueryClientProvider>,
    ),
  );
  return { client, router };
}

const WAIT = { timeout: 10_000 };

describe('the workspace', () => {
  it('shows own work first: navigation from metadata, what is due, the first steps', async () => {
    await open('/');
    const nav = await screen.findByRole('navigation', { name: 'Main navigation' }, WAIT);
    expect(within(nav).getByRole('link', { name: 'Accounts' })).toHaveAttribute('href', '/accounts');
    expect(within(nav).getByRole('link', { name: 'My work' })).toHaveAttribute('aria-current', 'page');
    expect(within(nav).queryByRole('link', { name: 'Security roles' })).not.toBeInTheDocument();
    expect(await screen.findByText('Invite a colleague', undefined, WAIT)).toBeInTheDocument();
    expect(screen.getByText(/days? left in your trial/)).toBeInTheDocument();
  });

  it('keeps first steps that would be refused to itself while nothing can be changed', async () => {
    api.intercept((request) => {
      if (request.path !== '/session') return undefined;
      const answer = handle(request);
      const body = answer.body as { workspace: object };
      return { ...answer, body: { ...body, workspace: { ...body.workspace, state: 'suspended' } } };
    });
    await open('/');
    expect(await screen.findByText(/This workspace is suspended/, undefined, WAIT)).toBeInTheDocument();
    await waitFor(() => expect(api.requests.some(({ path }) => path === '/onboarding')).toBe(true), WAIT);
    expect(screen.queryByText('Invite a colleague')).not.toBeInTheDocument();
  });

  it('completes an activity from the start page', async () => {
    await open('/');
    const [complete] = await screen.findAllByRole('button', { name: /^Complete “/ }, WAIT);
    await userEvent.click(complete!);
    await waitFor(() => expect(api.requests.some((request) => request.method === 'POST' && /^\/tasks\/[^/]+\/actions\/complete$/.test(request.path))).toBe(true));
    expect(await screen.findByText(/^Completed “/)).toBeInTheDocument();
  });

  it('says so when an address leads nowhere', async () => {
    await open('/nonsense');
    expect(await screen.findByText('Not found', undefined, WAIT)).toBeInTheDocument();
  });

  it('finds records and commands by keyboard alone', async () => {
    const { router } = await open('/');
    await screen.findByRole('navigation', { name: 'Main navigation' }, WAIT);
    await userEvent.keyboard('{Control>}k{/Control}');
    const input = await screen.findByRole('combobox', { name: 'Search and commands' }, WAIT);
    await userEvent.type(input, 'Donau');
    const hit = await screen.findByRole('option', { name: /Donaudampfschifffahrt/ }, WAIT);
    await waitFor(() => expect(hit).toHaveAttribute('aria-selected', 'true'));
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toMatch(/^\/accounts\/[0-9a-f-]+$/));

    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.type(await screen.findByRole('combobox', { name: 'Search and commands' }), 'recycle');
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/recycle-bin'));
  });

  it('lists its shortcuts and can switch single letters off', async () => {
    await open('/');
    await screen.findByRole('navigation', { name: 'Main navigation' }, WAIT);
    await userEvent.keyboard('?');
    const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' }, WAIT);
    expect(within(dialog).getByText('Create a record')).toBeInTheDocument();
    await userEvent.click(within(dialog).getByRole('switch', { name: /^Single-letter shortcuts/ }));
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    await userEvent.keyboard('?');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('asks for the password in place when the session ends, and goes on afterwards', async () => {
    const { client } = await open('/');
    await screen.findByRole('navigation', { name: 'Main navigation' }, WAIT);
    let loggedIn = false;
    const real = globalThis.fetch;
    globalThis.fetch = (async (input: string, init: RequestInit = {}) => {
      if (input === '/login/') {
        if (init.method !== 'POST') return new Response('<input type="hidden" name="csrfmiddlewaretoken" value="abc">');
        loggedIn = (init.body as URLSearchParams).get('password') === 'right';
        return new Response('{}', { status: loggedIn ? 200 : 422 });
      }
      return loggedIn ? real(input, init) : new Response('{"code":"session.required","message":"Log in."}', { status: 401 });
    }) as typeof fetch;
    const again = client.refetchQueries({ queryKey: keys.checklist });
    const password = await screen.findByLabelText('Password', undefined, WAIT);
    await userEvent.type(password, 'wrong{Enter}');
    expect(await screen.findByText(/did not work/)).toBeInTheDocument();
    await userEvent.clear(password);
    await userEvent.type(password, 'right{Enter}');
    await again;
    expect(client.getQueryState(keys.checklist)?.status).toBe('success');
    await waitFor(() => expect(screen.queryByLabelText('Password')).not.toBeInTheDocument());
    globalThis.fetch = real;
  });

  it('tells when background work ends, with undo', async () => {
    const { client } = await open('/');
    await screen.findByRole('navigation', { name: 'Main navigation' }, WAIT);
    const job: Job = { id: 'j1', kind: 'bulk', label: 'Edit 240 accounts', object: 'account', state: 'running', total: 240, done: 10, failed: 0, created_at: '2026-11-22T08:00:00Z', finished_at: null, can_undo: false, result: null, error: null, file: null };
    act(() => client.setQueryData(keys.jobs, [job]));
    await screen.findByRole('button', { name: '1 job running' });
    act(() => client.setQueryData(keys.jobs, [{ ...job, state: 'succeeded', done: 238, failed: 2, can_undo: true }]));
    expect(await screen.findByText('Edit 240 accounts: done, 2 rows failed')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Undo' })).toBeInTheDocument();
  });
});
