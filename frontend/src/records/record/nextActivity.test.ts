import { describe, expect, it } from 'vitest';

import type { TimelineItem } from '@/api';
import { nextActivity } from './nextActivity';

const item = (id: string, due: string | null): TimelineItem => ({ id, kind: 'task', at: '', actor: null, object: 'task', title: id, body: null, scheduled_end: due });
const NOON = Date.parse('2026-03-01T12:00:00Z');

describe('nextActivity', () => {
  it('is the one due first and tells when it is late', () => {
    const open = [item('later', '2026-03-02T10:00:00Z'), item('soon', '2026-03-01T13:00:00Z'), item('someday', null)];
    expect(nextActivity(open, NOON)).toMatchObject({ item: { id: 'soon' }, status: 'planned' });
    expect(nextActivity([item('old', '2026-03-01T11:59:00Z'), ...open], NOON)).toMatchObject({ item: { id: 'old' }, status: 'late' });
  });
  it('says when nothing is planned, and an activity without a time is not late', () => {
    expect(nextActivity([], NOON).status).toBe('missing');
    expect(nextActivity([item('someday', null)], NOON).status).toBe('planned');
  });
});
