/**
 * What was typed but not sent yet, kept in this browser: forms, notes, quick create. A draft belongs to one user of
 * one workspace, so that two people at one machine never see each other's words.
 */

const PREFIX = 'draft:';
const KEEP_DAYS = 30;
const DAY_MS = 86_400_000;

export interface Draft<T> {
  /** When it was kept, milliseconds. */
  at: number;
  value: T;
}

/** The name a draft is kept under. */
export const draftKey = (owner: { workspace: string; user: string }, subject: string): string =>
  `${PREFIX}${owner.workspace}:${owner.user}:${subject}`;

/** The kept draft; undefined when there is none or it is too old. Storage may be switched off: then nothing is kept. */
export function readDraft<T>(key: string, now = Date.now()): Draft<T> | undefined {
  try {
    const text = localStorage.getItem(key);
    if (!text) return undefined;
    const draft = JSON.parse(text) as Draft<T>;
    if (typeof draft.at === 'number' && now - draft.at < KEEP_DAYS * DAY_MS) return draft;
    localStorage.removeItem(key);
  } catch {
    // Unreadable or forbidden storage is the same as no draft.
  }
  return undefined;
}

/** Keep a draft. @returns false when the browser refused, so the caller must ask before leaving. */
export function keepDraft<T>(key: string, value: T, now = Date.now()): boolean {
  try {
    localStorage.setItem(key, JSON.stringify({ at: now, value } satisfies Draft<T>));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept there.
  }
}

/** Remove drafts nobody came back to. */
export function pruneDrafts(now = Date.now()): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) readDraft(key, now);
  } catch {
    // Forbidden storage holds no drafts.
  }
}
