import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { loadFeatureTexts, setLanguage } from '@/i18n';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { ConfirmHost } from '@/ui/confirm';
import { OwnApps } from '../security/OwnApps';
import AppsSection from './AppsSection';

const USE = { may_write: true, since: '2026-11-20T09:00:00Z', last_used_at: null };
const APP = {
  id: 'a1', client_id: 'app_x', name: 'Sheet sync', publisher: 'Sheets Ltd', redirect_uris: ['https://sheets.example/cb'], may_write: true, confidential: true,
  secret_prefix: 'ks_abcdef', service_user: null, created_by: { id: 'u1', name: 'Ada' }, created_at: '2026-11-20T09:00:00Z', users: [{ ...USE, user: { id: 'u1', name: 'Ada' } }],
};

let api: MockApi;
beforeEach(async () => {
  await setLanguage('en');
  await loadFeatureTexts('settings');
  api = mockApi();
});

async function show(component: () => React.ReactNode) {
  const root = createRootRoute();
  const router = createRouter({ routeTree: root.addChildren([createRoute({ getParentRoute: () => root, path: '$', component })]), history: createMemoryHistory({ initialEntries: ['/settings/apps'] }) });
  await renderApp(
    <>
      <RouterProvider router={router as never} />
      <ConfirmHost />
    </>,
  );
}

describe('apps', () => {
  it('are registered, show a refusal at its field, and their secret once', async () => {
    let refused = true;
    api.intercept(({ path, method }) => {
      if (path !== '/oauth_applications') return undefined;
      if (method === 'GET') return { status: 200, body: { rows: [] } };
      return refused ? { status: 422, body: { code: 'app.redirect_uri', message: 'An https address is needed.', field: 'redirect_uris.0', details: {} } } : { status: 201, body: { ...APP, secret: 'ks_secret' } };
    });
    await show(() => <AppsSection rest={null} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Register app' }));
    await userEvent.type(await screen.findByLabelText(/^Name/), 'Sheet sync');
    await userEvent.type(screen.getByLabelText(/Addresses/), 'http://a.example\n\n https://b.example ');
    const register = () => userEvent.click(screen.getAllByRole('button', { name: 'Register app' }).at(-1)!);
    await register();
    expect(await screen.findByText('An https address is needed.')).toBeInTheDocument();
    expect(api.requests.at(-1)?.body).toMatchObject({ name: 'Sheet sync', redirect_uris: ['http://a.example', 'https://b.example'], confidential: true, service_user: null });
    refused = false;
    await register();
    expect(await screen.findByDisplayValue('ks_secret')).toBeInTheDocument();
  });

  it('say who lets them in, and get a new secret only when asked again', async () => {
    api.intercept(({ path, method }) => (path.startsWith('/oauth_applications') ? { status: 200, body: method === 'GET' ? { rows: [APP] } : { secret: 'ks_newer', secret_prefix: 'ks_newer' } } : undefined));
    await show(() => <AppsSection rest="a1" />);
    expect(await screen.findByText('app_x')).toBeInTheDocument();
    expect(screen.getByText(/reads and changes · since/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'New secret' }));
    expect(api.requests.some(({ method }) => method === 'POST')).toBe(false);
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'New secret' }));
    expect(await screen.findByDisplayValue('ks_newer')).toBeInTheDocument();
  });

  it('are taken back by the person who let them in', async () => {
    api.intercept(({ path, method }) => (path.startsWith('/me/apps') ? { status: method === 'GET' ? 200 : 204, body: method === 'GET' ? { rows: [{ id: 'a1', name: 'Sheet sync', publisher: '', ...USE }] } : null } : undefined));
    await show(() => <OwnApps />);
    await userEvent.click(await screen.findByRole('button', { name: 'Take back: Sheet sync' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Take back' }));
    await waitFor(() => expect(api.requests.some(({ method, path }) => method === 'DELETE' && path === '/me/apps/a1')).toBe(true));
  });
});
