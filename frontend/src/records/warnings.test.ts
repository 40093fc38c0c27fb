import { beforeEach, describe, expect, it, vi } from 'vitest';

const { toast } = vi.hoisted(() => ({ toast: vi.fn() }));
vi.mock('@/ui', () => ({ toast }));

import { tellWarnings } from './warnings';

describe('warnings of a write that went through', () => {
  beforeEach(() => toast.mockClear());

  it('are shown one by one, and the answer goes on', () => {
    const answer = { id: '1', warnings: [{ code: 'activity.do_not_phone', message: 'Anna Keller: do not phone.' }, 'Roles were taken'] };
    expect(tellWarnings(answer)).toBe(answer);
    expect(toast.mock.calls.map(([shown]) => shown.message)).toEqual(['Anna Keller: do not phone.', 'Roles were taken']);
  });

  it('nothing is shown where there are none', () => {
    const answer: { id: string; warnings?: [] } = { id: '1' };
    expect(tellWarnings(answer)).toBe(answer);
    expect(toast).not.toHaveBeenCalled();
  });
});
