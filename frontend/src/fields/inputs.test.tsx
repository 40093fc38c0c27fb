import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { mockApi, type MockApi } from '@/testing/mockFetch';
import { attribute } from '@/testing/model';
import { renderApp } from '@/testing/render';
import { setFormatting } from '@/ui/formatting';
import { FieldDisplay, FieldFilter, FieldInput } from './components';
import { FieldProvider } from './context';
import type { FieldAttribute } from './types';

let api: MockApi;
beforeEach(() => {
  api = mockApi();
  setFormatting({ locale: 'de-DE', timeZone: 'Europe/Berlin', currency: 'EUR', dateFormat: 'DD.MM.YYYY' });
});

function Editor({ field, start, seen }: { field: FieldAttribute; start: unknown; seen: (value: unknown) => void }) {
  const [value, setValue] = useState(start);
  return (
    <FieldInput
      attribute={field}
      value={value}
      onChange={(next) => {
        seen(next);
        setValue(next);
      }}
    />
  );
}

async function edit(field: FieldAttribute, start: unknown = null) {
  const seen = vi.fn();
  await renderApp(<Editor field={field} start={start} seen={seen} />);
  return seen;
}

const last = (seen: ReturnType<typeof vi.fn>) => seen.mock.lastCall?.[0] as unknown;

describe('number inputs', () => {
  it('keep what is typed, hand on a decimal string and write it nicely afterwards', async () => {
    const seen = await edit(attribute('amount', 'Amount', 'money'));
    const input = screen.getByLabelText('Amount');
    await userEvent.type(input, '1234,5');
    expect(input).toHaveValue('1234,5');
    expect(last(seen)).toBe('1234.5');
    await userEvent.tab();
    expect(input).toHaveValue('1.234,50');
  });

  it('keep nonsense visible instead of losing it', async () => {
    const seen = await edit(attribute('amount', 'Amount', 'int'));
    await userEvent.type(screen.getByLabelText('Amount'), '12 pieces');
    await userEvent.tab();
    expect(screen.getByLabelText('Amount')).toHaveValue('12 pieces');
    expect(last(seen)).toBe('12 pieces');
  });
});

describe('day and time inputs', () => {
  it('read a day as it is typed', async () => {
    const seen = await edit(attribute('due', 'Due', 'date'));
    await userEvent.type(screen.getByLabelText('Due'), '3.4.26');
    expect(last(seen)).toBe('2026-04-03');
    await userEvent.tab();
    expect(screen.getByLabelText('Due')).toHaveValue('03.04.2026');
  });

  it("keep day and time on the user's clock", async () => {
    const seen = await edit(attribute('start', 'Start', 'datetime'), '2026-07-01T10:00:00Z');
    expect(screen.getByLabelText('Start')).toHaveValue('01.07.2026');
    const time = screen.getByLabelText('Time of Start');
    expect(time).toHaveValue('12:00');
    await userEvent.clear(time);
    await userEvent.type(time, '14:30');
    expect(last(seen)).toBe('2026-07-01T12:30:00Z');
  });
});

describe('choices', () => {
  const stage = attribute('stage', 'Stage', 'pick', {
    options: [
      { value: 1, label: 'Hot', color: 'red', active: true },
      { value: 2, label: 'Warm', color: 'orange', active: false },
      { value: 3, label: 'Cold', color: 'blue', active: true },
    ],
  });

  it('are picked, offer no retired option, and can be emptied', async () => {
    const seen = await edit(stage);
    await userEvent.click(screen.getByLabelText('Stage'));
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['Hot', 'Cold']);
    await userEvent.click(screen.getByRole('option', { name: 'Cold' }));
    expect(last(seen)).toBe(3);
    await userEvent.click(screen.getByLabelText('Stage'));
    await userEvent.click(screen.getByRole('option', { name: 'Cold' }));
    expect(last(seen)).toBeNull();
  });

  it('keep a retired option that a record still has', async () => {
    await edit(stage, 2);
    await userEvent.click(screen.getByLabelText('Stage'));
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toContain('Warm');
  });

  it('can be several in a filter', async () => {
    const seen = vi.fn();
    await renderApp(<FieldFilter attribute={stage} operator="in" value={[1]} onChange={seen} />);
    await userEvent.click(screen.getByRole('textbox', { name: 'Stage' }));
    await userEvent.click(screen.getByRole('option', { name: 'Cold' }));
    expect(seen).toHaveBeenLastCalledWith([1, 3]);
  });
});

describe('lookups', () => {
  const account = attribute('account', 'Account', 'lookup', { targets: ['account'] });

  it('search remotely and show facts beside each name', async () => {
    const seen = await edit(account);
    await userEvent.type(await screen.findByRole('textbox', { name: 'Account' }), 'Donau');
    const option = await screen.findByRole('option', { name: /Donaudampfschifffahrt/ });
    expect(option.textContent).toMatch(/·/);
    await userEvent.click(option);
    expect(last(seen)).toMatchObject({ object: 'account', name: expect.stringContaining('Donau') as string });
    expect(api.requests.some((request) => request.path === '/accounts' && request.query.q === 'Donau')).toBe(true);
  });

  it('create what is missing in place', async () => {
    const quickCreate = vi.fn(() => Promise.resolve({ object: 'account', id: 'new', name: 'Zeta' }));
    const seen = vi.fn();
    await renderApp(
      <FieldProvider quickCreate={quickCreate}>
        <Editor field={account} start={null} seen={seen} />
      </FieldProvider>,
    );
    await userEvent.type(await screen.findByRole('textbox', { name: 'Account' }), 'Zeta');
    await userEvent.click(await screen.findByRole('option', { name: 'Create “Zeta”' }));
    expect(quickCreate).toHaveBeenCalledWith('account', 'Zeta');
    await waitFor(() => expect(last(seen)).toMatchObject({ id: 'new' }));
  });

  it('say so when the search fails', async () => {
    api.intercept((request) => (request.path === '/accounts' ? { status: 500, body: { code: 'x', message: 'x' } } : undefined));
    await edit(account);
    await userEvent.type(await screen.findByRole('textbox', { name: 'Account' }), 'N');
    expect(await screen.findByRole('alert')).toHaveTextContent('could not be loaded');
  });

  it('offer the user first for owners', async () => {
    const seen = await edit(attribute('owner', 'Owner', 'owner', { targets: ['user'] }));
    await userEvent.click(await screen.findByRole('textbox', { name: 'Owner' }));
    const [first] = await screen.findAllByRole('option');
    expect(within(first!).getByText('Ana Berg')).toBeInTheDocument();
    await userEvent.click(first!);
    expect(last(seen)).toMatchObject({ object: 'user', name: 'Ana Berg' });
  });
});

describe('displays', () => {
  it('link to records and addresses', async () => {
    await renderApp(
      <>
        <FieldDisplay attribute={attribute('a', 'A', 'lookup')} value={{ object: 'account', id: '7', name: 'Nordwind' }} />
        <FieldDisplay attribute={attribute('b', 'B', 'text', { format: 'email' })} value="ana@example.com" />
        <FieldDisplay attribute={attribute('c', 'C', 'text', { format: 'url' })} value="https://www.example.com/" />
      </>,
    );
    expect(await screen.findByRole('link', { name: 'Nordwind' })).toHaveAttribute('href', '/accounts/7');
    expect(screen.getByRole('link', { name: 'ana@example.com' })).toHaveAttribute('href', 'mailto:ana@example.com');
    expect(screen.getByRole('link', { name: 'example.com' })).toHaveAttribute('rel', 'noopener noreferrer');
  });

  it('hide what the user may not read', async () => {
    await renderApp(<FieldDisplay attribute={attribute('income', 'Income', 'money')} value={null} record={{ id: '1', masked: ['income'] }} />);
    expect(screen.getByTitle('Hidden by field permissions')).toBeInTheDocument();
  });
});
