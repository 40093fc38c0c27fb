import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { mockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { setLanguage } from '@/i18n';
import Announcements from './Announcements';

const row = (id: string, more = {}) => ({ id, kind: 'info', title: `Notice ${id}`, text: 'Words.', update: null, work_starts_at: null, work_ends_at: null, ends_at: '2099-01-01T00:00:00Z', status_url: null, ...more });

async function show(...rows: ReturnType<typeof row>[]) {
  await setLanguage('en');
  const api = mockApi();
  api.intercept(({ path, method }) => (path === '/announcements' && method === 'GET' ? { status: 200, body: { rows } } : undefined));
  await renderApp(<Announcements />);
  return api;
}

describe('announcements', () => {
  it('stay until they are dismissed, two at a time', async () => {
    await show(row('1', { kind: 'incident', status_url: 'http://localhost/status/' }), row('2'), row('3'));
    expect(await screen.findByText('Notice 1')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Status page' })).toHaveAttribute('href', 'http://localhost/status/');
    expect(screen.queryByText('Notice 3')).not.toBeInTheDocument();
    await userEvent.click(screen.getAllByRole('button', { name: 'Dismiss' })[0]!);
    expect(screen.queryByText('Notice 1')).not.toBeInTheDocument();
    expect(screen.getByText('Notice 3')).toBeInTheDocument();
  });

  it('say the newest word and the time of the work, the day once', async () => {
    await show(row('1', { kind: 'maintenance', update: { at: '2026-11-22T09:00:00Z', text: 'Nearly done.' }, work_starts_at: '2026-11-22T20:00:00Z', work_ends_at: '2026-11-22T21:30:00Z' }));
    expect(await screen.findByText(/Nearly done\./)).toBeInTheDocument();
    expect(screen.queryByText('Words.')).not.toBeInTheDocument();
    expect(screen.getByText(/–/).textContent!.match(/Nov/g)).toHaveLength(1);
  });

  it('say nothing when the server refuses', async () => {
    const api = mockApi();
    api.intercept(({ path }) => (path === '/announcements' ? { status: 423, body: { code: 'tenant.suspended', message: 'No.' } } : undefined));
    await renderApp(<Announcements />);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });
});
