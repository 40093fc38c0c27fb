import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';

import { onSessionExpired } from '@/api/client';
import { ApiError } from '@/api/errors';
import { keys } from '@/api/keys';
import { t } from '@/i18n';
import type { Session } from '@/metadata';

const LoginDialog = lazy(() => import('./LoginDialog'));

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** When a session ends, asks for the password where one is; the calls that failed go on afterwards. */
export function SessionGuard() {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  useEffect(() => {
    onSessionExpired(() => new Promise<void>((resolve, reject) => setWaiting({ resolve, reject })));
    return () => onSessionExpired(null);
  }, []);
  if (!waiting) return null;
  const before = client.getQueryData<Session>(keys.session);
  return (
    <Suspense>
      <LoginDialog
        email={before?.user.email ?? ''}
        onLoggedIn={(session) => {
          setWaiting(null);
          // Another person's data must not stay on the screen.
          if (before && session.user.id !== before.user.id) return location.reload();
          client.setQueryData(keys.session, session);
          waiting.resolve();
        }}
        onGivenUp={() => {
          setWaiting(null);
          waiting.reject(new ApiError(401, { code: 'session.expired', message: t('shell.login.givenUp') }));
        }}
      />
    </Suspense>
  );
}
