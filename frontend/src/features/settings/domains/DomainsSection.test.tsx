import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { loadFeatureTexts, setLanguage } from '@/i18n';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { ConfirmHost } from '@/ui/confirm';
import DomainsSection from './DomainsSection';

const row = (more = {}) => ({
  id: '1', domain: 'crm.acme.example', state: 'pending', problem: 'txt_missing', points_here: false, is_primary: false,
  record: { type: 'TXT', name: '_workspace-verification.crm.acme.example', value: 'workspace-verification=abc' },
  added_by: 'ada@example.com', checked_at: '2026-11-22T09:00:00Z', next_check_at: null, verified_at: null, ...more,
});
const body = (more = {}) => ({ allowed: true, most: 5, target: 'domains.kontor.example', subdomain: { domain: 'acme.kontor.example', is_primary: true }, rows: [row()], ...more });

let api: MockApi;
beforeEach(async () => {
  await setLanguage('en');
  await loadFeatureTexts('settings');
  api = mockApi();
});

async function show(answer: unknown, writes: { status: number; body: unknown } = { status: 200, body: answer }) {
  api.intercept(({ path, method }) => (path.startsWith('/custom_domains') ? (method === 'GET' ? { status: 200, body: answer } : writes) : undefined));
  await renderApp(
    <>
      <DomainsSection />
      <ConfirmHost />
    </>,
  );
}

describe('custom domains', () => {
  it('says what to set, what was found, and looks again', async () => {
    await show(body());
    expect(await screen.findByText('Waiting for proof')).toBeInTheDocument();
    expect(screen.getByText('workspace-verification=abc')).toBeInTheDocument();
    expect(screen.getByText('domains.kontor.example')).toBeInTheDocument();
    expect(screen.getByText(/TXT record was not found/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Make main address' })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Check now: crm.acme.example' }));
    expect(api.requests.some(({ method, path }) => method === 'POST' && path === '/custom_domains/1/actions/check')).toBe(true);
  });

  it('shows a refusal at the field and keeps what was typed', async () => {
    await show(body({ rows: [] }), { status: 409, body: { code: 'domain.taken', message: 'Another workspace has proven that this domain is its own.', field: 'domain', details: {} } });
    await userEvent.type(await screen.findByLabelText('Domain'), 'shop.example');
    await userEvent.click(screen.getByRole('button', { name: 'Add domain' }));
    expect(await screen.findByText(/Another workspace has proven/)).toBeInTheDocument();
    expect(screen.getByLabelText('Domain')).toHaveValue('shop.example');
  });

  it('asks before a domain is removed', async () => {
    await show(body({ rows: [row({ state: 'verified', problem: null, points_here: true })] }));
    await userEvent.click(await screen.findByRole('button', { name: 'Remove: crm.acme.example' }));
    const dialog = await screen.findByRole('dialog');
    expect(api.requests.some(({ method }) => method === 'DELETE')).toBe(false);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    expect(api.requests.some(({ method, path }) => method === 'DELETE' && path === '/custom_domains/1')).toBe(true);
  });

  it('offers plans instead where the plan has none', async () => {
    await show(body({ allowed: false, rows: [] }));
    expect(await screen.findByRole('link', { name: 'See plans' })).toHaveAttribute('href', '/billing/');
    expect(screen.queryByRole('button', { name: 'Add domain' })).not.toBeInTheDocument();
  });
});
