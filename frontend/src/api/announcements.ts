/** What the provider tells the people of this workspace. */
import { get } from './client';

export interface Announcement {
  id: string;
  kind: 'info' | 'maintenance' | 'incident';
  title: string;
  text: string;
  /** How it went on, the newest word. */
  update: { at: string; text: string } | null;
  work_starts_at: string | null;
  work_ends_at: string | null;
  ends_at: string;
  status_url: string | null;
}

export const readAnnouncements = async (signal?: AbortSignal) => (await get<{ rows: Announcement[] }>('/announcements', undefined, signal)).rows;
