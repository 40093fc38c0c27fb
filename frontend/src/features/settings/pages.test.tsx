import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider, type RouteComponent } from '@tanstack/react-router';
import { beforeEach, describe, expect, it } from 'vitest';

import { loadFeatureTexts } from '@/i18n';
import { handle } from '@/testing/handlers';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { ConfirmHost } from '@/ui/confirm';
import { Toaster } from '@/ui/toast';
import RecycleBinPage from '../recycle-bin/route';
import SettingsPage from './route';

let api: MockApi;
beforeEach(async () => {
  await loadFeatureTexts('recycle-bin');
  api = mockApi();
});

const WAIT = { timeout: 10_000 };

/** A page at its address, without the shell. */
async function open(path: string, route: string, component: RouteComponent) {
  const root = createRootRoute();
  const router = createRouter({ routeTree: root.addChildren([createRoute({ getParentRoute: () => root, path: route, component }), createRoute({ getParentRoute: () => root, path: '/' })]), history: createMemoryHistory({ initialEntries: [path] }) });
  await renderApp(
    <>
      <RouterProvider router={router as never} />
      <ConfirmHost />
      <Toaster />
    </>,
  );
  return router;
}

const settings = (path: string) => open(`/settings/${path}`, '/settings/$', SettingsPage);
const sent = (method: string, path: RegExp) => api.requests.filter((request) => request.method === method && path.test(request.path));

describe('settings', () => {
  it('are found by what is in them', async () => {
    await settings('profile');
    await userEvent.type(await screen.findByLabelText('Search settings', undefined, WAIT), 'permissions');
    const links = within(screen.getByRole('navigation', { name: 'Settings' })).getAllByRole('link');
    expect(links.map((link) => link.textContent)).toEqual(['Roles']);
  });

  it('hide what the user has no capability for, and say so at its address', async () => {
    api.intercept((request) => (request.path === '/session' ? { status: 200, body: { ...(handle(request).body as object), capabilities: [] } } : undefined));
    await settings('roles');
    expect(await screen.findByText('You may not see this', undefined, WAIT)).toBeInTheDocument();
    expect(within(screen.getByRole('navigation', { name: 'Settings' })).queryByText('Users')).not.toBeInTheDocument();
  });

  it('save the time zone at once', async () => {
    await settings('profile');
    await userEvent.selectOptions(await screen.findByLabelText('Language', undefined, WAIT), 'de');
    await waitFor(() => expect(sent('PATCH', /^\/session$/)[0]?.body).toEqual({ language: 'de' }));
    expect(await screen.findByText('Sprache und Formate')).toBeInTheDocument();
    await userEvent.selectOptions(screen.getByLabelText('Sprache'), 'en');
    expect(await screen.findByText('Language and formats')).toBeInTheDocument();
  });

  it('change a role cell by cell and send only the changes', async () => {
    await settings('roles/00000003-0000-7000-8000-000000000002');
    await userEvent.click(await screen.findByRole('button', { name: 'Accounts: Change: Own' }, WAIT));
    const depths = await screen.findAllByRole('menuitemradio');
    expect(depths).toHaveLength(6);
    await userEvent.click(depths[3]!);
    expect(screen.getByRole('button', { name: 'Accounts: Change: Unit' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Change shared views' }));
    expect(screen.getByText('2 unsaved changes')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(sent('PUT', /^\/roles\//)[0]?.body).toEqual({ privileges: { account: { write: 'unit' } }, capabilities: ['bulk', 'manage_views'] }));
    await waitFor(() => expect(screen.queryByText(/unsaved/)).not.toBeInTheDocument());
  });

  it('does not offer to narrow the administrator', async () => {
    await settings('roles/00000003-0000-7000-8000-000000000000');
    expect(await screen.findByRole('button', { name: 'Accounts: Change: Own' }, WAIT)).toBeDisabled();
  });

  it('invite several people and keep those that failed with the reason', async () => {
    api.intercept((request) =>
      request.path === '/invitations' && request.method === 'POST' && (request.body as { email: string }).email === 'taken@example.com'
        ? { status: 409, body: { code: 'user.exists', message: 'Is a user already.' } }
        : undefined,
    );
    await settings('users');
    await userEvent.click(await screen.findByRole('button', { name: 'Invite people' }, WAIT));
    const dialog = await screen.findByRole('dialog');
    const box = within(dialog).getByLabelText(/E-mail addresses/);
    await userEvent.type(box, 'new@example.com, taken@example.com');
    const send = await within(dialog).findByRole('button', { name: 'Send 2 invitations' });
    await waitFor(() => expect(send).toBeEnabled()); // the seats are looked at first
    await userEvent.click(send);
    expect(await within(dialog).findByText('taken@example.com: Is a user already.')).toBeInTheDocument();
    expect(box).toHaveValue('taken@example.com');
    expect(await screen.findByText('1 invitation sent')).toBeInTheDocument();
  });

  it('show what inviting costs before anything is bought, buy it and send', async () => {
    const preview = (net: number, tax: number) => ({ currency: 'EUR', net_minor: net, tax_minor: tax, total_minor: net + tax, tax_rate: '19', lines: [{ text: 'Professional, additional users', net_minor: net }] });
    const quote = { licence: 'read_only', count: 1, used: 2, invited: 0, limit: 2, needed: 1, seats_before: 2, seats_after: 3, renews_at: '2026-12-01T09:00:00Z', now: preview(1500, 285), renewal: preview(9000, 1710), refusal: null };
    api.intercept((request) => (request.path === '/invitations/quote' ? { status: 200, body: quote } : request.path === '/invitations/actions/buy_seats' ? { status: 200, body: { seats: 3, total_minor: 1785 } } : undefined));
    await settings('users');
    await userEvent.click(await screen.findByRole('button', { name: 'Invite people' }, WAIT));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByText('Read-only'));
    await userEvent.type(within(dialog).getByLabelText(/E-mail addresses/), 'new@example.com');
    await userEvent.click(await within(dialog).findByRole('button', { name: 'Buy 1 seat for €17.85 and send' }));
    await waitFor(() => expect(sent('POST', /^\/invitations$/)).toHaveLength(1));
    expect(sent('POST', /buy_seats$/)[0]?.body).toMatchObject({ licence: 'read_only', count: 1, seats_before: 2, total_minor: 1785 });
    expect(sent('POST', /^\/invitations$/)[0]?.body).toMatchObject({ email: 'new@example.com', licence: 'read_only' });
  });

  it('say why seats cannot be had and send nothing', async () => {
    api.intercept((request) =>
      request.path === '/invitations/quote'
        ? { status: 200, body: { licence: 'full', count: 1, used: 2, invited: 0, limit: 2, needed: 1, seats_before: null, seats_after: null, renews_at: null, now: null, renewal: null, refusal: { code: 'plan.seats', message: 'Ask an administrator to buy more.' } } }
        : undefined,
    );
    await settings('users');
    await userEvent.click(await screen.findByRole('button', { name: 'Invite people' }, WAIT));
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByLabelText(/E-mail addresses/), 'new@example.com');
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Ask an administrator to buy more.');
    expect(within(dialog).getByRole('button', { name: 'Send invitation' })).toBeDisabled();
  });

  it('disable a user with undo', async () => {
    await settings('users');
    await userEvent.click(await screen.findByRole('button', { name: 'More: Ben Castellano' }, WAIT));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Disable' }));
    // first it asks what becomes of the records
    await userEvent.click(await screen.findByRole('checkbox', { name: /records stay with/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Disable' }));
    expect(await screen.findByRole('button', { name: 'Undo' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(sent('POST', /^\/users\/.*\/actions\//).map((request) => request.path.split('/').at(-1))).toEqual(['disable', 'enable']));
  });

  it('add a field to the draft', async () => {
    await settings('objects/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Add field' }, WAIT));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: /^Single choice/ }));
    await userEvent.type(within(dialog).getByLabelText(/^Label/), 'Kind');
    await userEvent.type(within(dialog).getByLabelText('Option 1'), 'Sail');
    await userEvent.type(within(dialog).getByLabelText('Option 2'), 'Motor');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add to draft' }));
    await waitFor(() =>
      expect(sent('POST', /^\/customization\/changes$/)[0]?.body).toMatchObject({ kind: 'attribute', operation: 'create', object: 'account', definition: { type: 'pick', label: 'Kind', options: [{ label: 'Sail' }, { label: 'Motor' }] } }),
    );
    expect(await screen.findByText('New, not published')).toBeInTheDocument();
    expect(screen.getByText('1 change is not published yet')).toBeInTheDocument();
  });

  it('show the reason at the field when the server refuses it', async () => {
    api.intercept((request) => (request.path === '/customization/changes' ? { status: 422, body: { code: 'metadata.label_taken', message: 'There is already an attribute “Kind”.', field: 'label' } } : undefined));
    await settings('objects/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Add field' }, WAIT));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: /^Text/ }));
    await userEvent.type(within(dialog).getByLabelText(/^Label/), 'Kind');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add to draft' }));
    expect(await within(dialog).findByText('There is already an attribute “Kind”.')).toBeInTheDocument();
    expect(within(dialog).getByLabelText(/^Label/)).toHaveValue('Kind');
  });

  it('publish the draft and roll back to a version', async () => {
    const { post } = await import('@/api/client');
    await post('/customization/changes', { kind: 'attribute', operation: 'create', object: 'account', name: null, definition: { label: 'Berth', type: 'text' } });
    await settings('changes');
    expect(await screen.findByText('Berth', undefined, WAIT)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
    expect(await screen.findByText('Published as version 8')).toBeInTheDocument();
    await userEvent.click(screen.getAllByRole('button', { name: 'Roll back to this' })[0]!);
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Roll back to this' }));
    await waitFor(() => expect(sent('POST', /rollback$/)[0]?.body).toEqual({ version: 6 }));
  });
});

describe('the recycle bin', () => {
  it('restores at once and asks before deleting for good', async () => {
    const { remove } = await import('@/api/client');
    await remove('/accounts/00000010-0000-7000-8000-000000000001');
    await remove('/accounts/00000010-0000-7000-8000-000000000002');
    await open('/recycle-bin', '/recycle-bin/$', RecycleBinPage);
    const [first] = await screen.findAllByRole('button', { name: 'Restore' }, WAIT);
    await userEvent.click(first!);
    expect(await screen.findByText(/is back$/)).toBeInTheDocument();
    await waitFor(() => expect(screen.getAllByRole('button', { name: 'Restore' })).toHaveLength(1));
    await userEvent.click(screen.getByRole('button', { name: /^More: / }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete for good' }));
    expect(sent('POST', /purge$/)).toHaveLength(0);
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete for good' }));
    await waitFor(() => expect(sent('POST', /purge$/)).toHaveLength(1));
    expect(await screen.findByText('The recycle bin is empty')).toBeInTheDocument();
  });
});
