import type { Session } from '@/metadata';
import { setCsrfToken } from '@/api/client';

const TOKEN = /name="csrfmiddlewaretoken"\s+value="([^"]+)"/;

/**
 * Log in with the ordinary log-in form, without leaving the page.
 *
 * @returns the new session, or null when the password was refused
 * @throws TypeError when the workspace cannot be reached
 */
export async function signIn(email: string, password: string): Promise<Session | null> {
  const form = await fetch('/login/', { credentials: 'same-origin' });
  const token = TOKEN.exec(await form.text())?.[1];
  // Already signed in elsewhere: the form redirects to the workspace.
  if (token) {
    const answer = await fetch('/login/', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfmiddlewaretoken: token, email, password, next: '/api/v1/session' }),
    });
    if (!answer.ok) return null;
  }
  const answer = await fetch('/api/v1/session', { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) return null;
  const session = (await answer.json()) as Session;
  setCsrfToken(session.csrf_token);
  return session;
}
