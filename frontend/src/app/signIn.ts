import { setCsrfToken } from '@/api/client';
import type { Session } from '@/metadata';

const TOKEN = /name="csrfmiddlewaretoken"\s+value="([^"]+)"/;

/**
 * The session as the server sees it now; null when nobody is logged in. Asked without the API client, which would
 * itself wait for a log-in.
 *
 * @throws TypeError when the workspace cannot be reached
 */
export async function presentSession(): Promise<Session | null> {
  const answer = await fetch('/api/v1/session', { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) return null;
  const session = (await answer.json()) as Session;
  setCsrfToken(session.csrf_token);
  return session;
}

/**
 * Log in with the ordinary log-in form, without leaving the page.
 *
 * @returns the new session, or null when the password was refused
 * @throws TypeError when the workspace cannot be reached
 */
export async function signIn(email: string, password: string): Promise<Session | null> {
  const form = await fetch('/login/', { credentials: 'same-origin' });
  const token = TOKEN.exec(await form.text())?.[1];
  // Without a token in the page the form redirected: somebody is logged in already.
  if (token) {
    const answer = await fetch('/login/', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfmiddlewaretoken: token, email, password, next: '/api/v1/session' }),
    });
    if (!answer.ok) return null;
  }
  return presentSession();
}
