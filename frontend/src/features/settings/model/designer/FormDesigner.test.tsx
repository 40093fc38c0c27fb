import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { keys } from '@/api';
import { loadFeatureTexts } from '@/i18n';
import { handle } from '@/testing/handlers';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { FormDesigner } from './FormDesigner';

let api: MockApi;
beforeEach(async () => {
  await loadFeatureTexts('settings');
  await loadFeatureTexts('designers');
  api = mockApi();
});

const WAIT = { timeout: 10_000 };

/** The designer, and a way to have the server answer as if something had happened meanwhile. */
async function designer() {
  const { client } = await renderApp(<FormDesigner name="account" />);
  await screen.findByRole('button', { name: 'Add tab' }, WAIT);
  return async (answer: (body: object) => { status: number; body: unknown }) => {
    api.intercept((request) => (request.method === 'GET' && request.path === '/customization' ? answer(handle(request).body as object) : undefined));
    await act(() => client.invalidateQueries({ queryKey: keys.customization }));
  };
}

const newer = (body: object) => ({ status: 200, body: { ...body, published_version: 8 } });
const tabs = () => screen.getAllByRole('tab').map((tab) => tab.textContent);

describe('a form being drawn', () => {
  it('stays when somebody else publishes, and when reading again fails', async () => {
    const meanwhile = await designer();
    const before = tabs();
    await userEvent.click(screen.getByRole('button', { name: 'Add tab' }));
    expect(tabs()).toEqual([...before, 'New tab']);
    await meanwhile(newer);
    expect(tabs()).toEqual([...before, 'New tab']);
    await meanwhile(() => ({ status: 500, body: { code: 'server.error', message: 'No' } }));
    expect(tabs()).toEqual([...before, 'New tab']);
  });

  it('gives way to another version while nothing is drawn', async () => {
    const meanwhile = await designer();
    const drawn = screen.getByRole('button', { name: 'Add tab' });
    await meanwhile(newer);
    await waitFor(() => expect(drawn).not.toBeInTheDocument());
  });
});
