import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';

import { loadFeatureTexts, setLanguage } from '@/i18n';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import FieldSecuritySection from './FieldSecuritySection';

const field = (name: string, label: string, secured: boolean) => ({ name, label, type: 'money', secured, hidden_with: [] });
const body = (allowed: boolean) => ({
  allowed,
  objects: [{ name: 'contact', label: 'Contacts', attributes: [field('annual_income', 'Annual income', true), field('fax', 'Fax', false)] }],
  profiles: [{ id: '1', name: 'Insight', rights: { 'contact.annual_income': ['read'] }, members: [] }],
});

let api: MockApi;
beforeEach(async () => {
  await setLanguage('en');
  await loadFeatureTexts('settings');
  api = mockApi();
});

async function show(allowed: boolean) {
  api.intercept(({ path }) => (path.startsWith('/field_security') ? { status: 200, body: body(allowed) } : undefined));
  await renderApp(<FieldSecuritySection />);
  await screen.findByText('Annual income');
}

it('secures fields and makes profiles where the plan has it', async () => {
  await show(true);
  expect(screen.getByRole('button', { name: 'Secure a field' })).toBeEnabled();
  expect(screen.getByRole('button', { name: 'New profile' })).toBeEnabled();
});

it('only opens and shows where the plan does not have it', async () => {
  await show(false);
  expect(screen.queryByRole('button', { name: 'Secure a field' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'New profile' })).toBeDisabled();
  expect(screen.getByRole('link', { name: 'See plans' })).toHaveAttribute('href', '/billing/');
  expect(screen.getByText('Insight')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Open to everybody' }));
  expect(api.requests.some(({ method, path }) => method === 'PUT' && path === '/field_security/attributes')).toBe(true);
});
