import { describe, expect, it, vi } from 'vitest';

import type { RecordData } from '@/api';
import { EditQueue } from './edits';

const row: RecordData = { id: 'a', version: 1, name: 'old', city: 'Bonn' };

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

function setUp(first: RecordData = row) {
  let shown = first;
  const answers: ReturnType<typeof deferred<RecordData>>[] = [];
  const send = vi.fn<(id: string, values: Record<string, unknown>, version: number | undefined) => Promise<RecordData>>(() => {
    const answer = deferred<RecordData>();
    answers.push(answer);
    return answer.promise;
  });
  const queue = new EditQueue({
    send,
    show: (_, change) => (shown = change(shown)),
    explain: (error) => error as { message: string; current?: RecordData },
  });
  return { queue, send, answers, shown: () => shown };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('EditQueue', () => {
  it('shows the value at once and takes the server’s answer', async () => {
    const { queue, answers, shown } = setUp();
    const done = queue.edit(row, 'name', 'new');
    expect(shown().name).toBe('new');
    expect(queue.isSaving('a', 'name')).toBe(true);
    await settled();
    answers[0]!.resolve({ id: 'a', version: 2, name: 'New', city: 'Bonn', description: 'not shown in the list' });
    expect(await done).toBe(true);
    expect(shown()).toEqual({ id: 'a', version: 2, name: 'New', city: 'Bonn' });
    expect(queue.pending).toBe(0);
  });

  it('puts the old value back and keeps the reason and the entry when refused', async () => {
    const { queue, answers, shown } = setUp();
    const done = queue.edit(row, 'name', '');
    await settled();
    answers[0]!.reject({ message: 'Name is required' });
    expect(await done).toBe(false);
    expect(shown()).toEqual(row);
    expect(queue.failure('a', 'name')).toEqual({ message: 'Name is required', value: '', conflict: false });
    queue.dismiss('a', 'name');
    expect(queue.failure('a', 'name')).toBeUndefined();
  });

  it('sends edits of one record one after the other with the version just made', async () => {
    const { queue, send, answers, shown } = setUp();
    void queue.edit(row, 'name', 'new');
    void queue.edit(shown(), 'city', 'Köln');
    expect(shown()).toMatchObject({ name: 'new', city: 'Köln' });
    await settled();
    expect(send).toHaveBeenCalledTimes(1);
    answers[0]!.resolve({ id: 'a', version: 2, name: 'new', city: 'Bonn' });
    await settled();
    // The answer to the first edit does not undo the second one on screen.
    expect(shown()).toMatchObject({ name: 'new', city: 'Köln' });
    expect(send).toHaveBeenLastCalledWith('a', { city: 'Köln' }, 2);
    answers[1]!.resolve({ id: 'a', version: 3, name: 'new', city: 'Köln' });
    await settled();
    expect(shown()).toMatchObject({ version: 3, city: 'Köln' });
  });

  it('keeps a later edit of the same cell when the earlier one fails', async () => {
    const { queue, answers, shown } = setUp();
    void queue.edit(row, 'name', 'first');
    void queue.edit(shown(), 'name', 'second');
    await settled();
    answers[0]!.reject({ message: 'no' });
    await settled();
    expect(shown().name).toBe('second');
    answers[1]!.resolve({ id: 'a', version: 2, name: 'second', city: 'Bonn' });
    await settled();
    expect(shown().name).toBe('second');
  });

  it('takes over the other person’s values on a conflict, so that trying again works', async () => {
    const { queue, send, answers, shown } = setUp();
    void queue.edit(row, 'name', 'mine');
    await settled();
    answers[0]!.reject({ message: 'changed meanwhile', current: { id: 'a', version: 7, name: 'theirs', city: 'Ulm' } });
    await settled();
    expect(shown()).toEqual({ id: 'a', version: 7, name: 'theirs', city: 'Ulm' });
    expect(queue.failure('a', 'name')).toMatchObject({ value: 'mine', conflict: true });
    void queue.edit(shown(), 'name', 'mine');
    await settled();
    expect(send).toHaveBeenLastCalledWith('a', { name: 'mine' }, 7);
    expect(queue.failure('a', 'name')).toBeUndefined();
  });
});
