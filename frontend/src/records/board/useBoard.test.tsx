import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import * as api from '@/api';
import type { Entity } from '@/metadata';
import { testClient } from '@/testing/render';
import type { ListState } from '../list/state';
import { useBoard } from './useBoard';

vi.mock('@/api', async (original) => ({ ...(await original<typeof api>()), readBoard: vi.fn(), updateRecord: vi.fn(), listRecords: vi.fn() }));

const attribute = (name: string, type: string) => ({ name, label: name, type, operators: [], options: [], targets: [], aggregates: [] });
const entity = {
  name: 'deal', plural: 'deals', primary_attribute: 'topic', attributes: [attribute('topic', 'text'), attribute('stage', 'pick'), attribute('budget', 'money')], states: [],
  board: { attribute: 'stage', sum: null, weighted: null, card: [], filter: null, drop: [] }, forms: { main: { header: [], tabs: [] }, quick_create: [] },
} as unknown as Entity;
const state = { filter: null, q: '', order: [] } as unknown as ListState;
const board = () => ({
  columns: [
    { value: 1, label: 'Qualify', color: null, count: 2, sum: null, weighted: null, rows: [{ id: 'a', version: 3, topic: 'A', stage: 1 }, { id: 'b', version: 1, topic: 'B', stage: 1 }], next: null },
    { value: 2, label: 'Propose', color: null, count: 0, sum: null, weighted: null, rows: [], next: null },
  ],
});

async function open() {
  vi.mocked(api.readBoard).mockImplementation(async () => board());
  const client = testClient();
  const hook = renderHook(() => useBoard(entity, 'stage', state), { wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider> });
  await waitFor(() => expect(hook.result.current.columns).toHaveLength(2));
  const ids = () => hook.result.current.columns.map((column) => column.rows.map((row) => row.id));
  return { hook, ids };
}

beforeEach(() => vi.clearAllMocks());

describe('moving a card', () => {
  it('sends one change with the version that was seen', async () => {
    const { hook } = await open();
    vi.mocked(api.updateRecord).mockResolvedValue({ id: 'a', version: 4, topic: 'A', stage: 2 });
    await act(() => hook.result.current.move('a', 2));
    expect(api.updateRecord).toHaveBeenCalledExactlyOnceWith('deals', 'a', { stage: 2 }, 3);
  });

  it('shows it at once and puts it back in its place when refused', async () => {
    const { hook, ids } = await open();
    let refuse!: (error: unknown) => void;
    vi.mocked(api.updateRecord).mockReturnValue(new Promise((_, reject) => (refuse = reject)));
    let done!: Promise<void>;
    act(() => {
      done = hook.result.current.move('a', 2);
    });
    await waitFor(() => expect(ids()).toEqual([['b'], ['a']]));
    await act(async () => {
      refuse(new api.ApiError(403, { code: 'privilege.missing', message: 'You may not change it.' }));
      await done;
    });
    expect(ids()).toEqual([['a', 'b'], []]);
    expect(hook.result.current.returning).toBe('a');
    expect(hook.result.current.missing).toBeNull();
  });

  it('asks for what is missing and sends it together with the move', async () => {
    const { hook, ids } = await open();
    vi.mocked(api.updateRecord).mockRejectedValueOnce(new api.ApiError(422, { code: 'validation.failed', message: 'Missing', details: { errors: [{ code: 'required', message: 'Budget is required', field: 'budget' }] } }));
    await act(() => hook.result.current.move('a', 2));
    expect(hook.result.current.missing).toMatchObject({ names: ['budget'], to: { value: 2 } });
    expect(ids()).toEqual([['a', 'b'], []]);
    vi.mocked(api.updateRecord).mockResolvedValue({ id: 'a', version: 4, topic: 'A', stage: 2, budget: '5.00' });
    await act(() => hook.result.current.complete({ budget: '5.00' }));
    expect(api.updateRecord).toHaveBeenLastCalledWith('deals', 'a', { budget: '5.00', stage: 2 }, 3);
    expect(hook.result.current.missing).toBeNull();
  });

  it('leaves the board alone when dropped where it was', async () => {
    const { hook } = await open();
    await act(() => hook.result.current.move('a', 1));
    expect(api.updateRecord).not.toHaveBeenCalled();
  });
});
