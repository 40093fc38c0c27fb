import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { setLanguage } from '@/i18n';
import { renderApp } from '@/testing/render';

const session = vi.hoisted(() => ({ current: {} as Record<string, unknown> }));
vi.mock('@/metadata', () => ({ useSession: () => session.current }));

import { TopStrip } from './TopStrip';

async function show(workspace: Record<string, unknown>, admin = true) {
  await setLanguage('en');
  session.current = { workspace: { state: 'past_due', next_state_at: null, ...workspace }, user: { name: 'Ada', is_admin: admin }, view_as: null, support: null, csrf_token: '' };
  await renderApp(<TopStrip online />);
}

const toBilling = () => screen.queryAllByRole('link').filter((link) => link.getAttribute('href') === '/billing/');

describe('the strip about an open invoice', () => {
  it('is for administrators, disputes included', async () => {
    await show({ dispute: 'open' });
    expect(toBilling()).toHaveLength(1);
  });

  it('says nothing to others', async () => {
    await show({ dispute: 'lost' }, false);
    expect(toBilling()).toHaveLength(0);
  });

  it('says nothing in a sandbox, which its parent pays for', async () => {
    await show({ dispute: 'open', sandbox: true });
    expect(toBilling()).toHaveLength(0);
    expect(screen.getByText(/sandbox/i)).toBeInTheDocument();
  });
});
