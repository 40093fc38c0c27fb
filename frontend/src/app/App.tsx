import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { I18nProvider } from '@/i18n';
import { ConfirmHost } from '@/ui/confirm';
import { ErrorState } from '@/ui/states';
import { resolveVariables, theme } from '@/ui/theme';
import { toast, Toaster } from '@/ui/toast';
import { start } from './boot';
import { makeRouter } from './router';
import { SessionGuard } from './SessionGuard';

const client = new QueryClient({
  defaultOptions: {
    // The client retries; asking again here would multiply.
    queries: { retry: false, staleTime: 15_000, refetchOnWindowFocus: false, throwOnError: false },
    mutations: {
      retry: false,
      // A mutation without its own way of telling the user says what happened here.
      onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
    },
  },
});
const router = makeRouter(client);
const schemes = localStorageColorSchemeManager({ key: 'kontor.theme' });

type Phase = { name: 'loading' } | { name: 'ready' } | { name: 'failed'; error: unknown };

export function App() {
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    start(client).then(
      () => current && setPhase({ name: 'ready' }),
      (error: unknown) => {
        if (!current) return;
        if (error instanceof ApiError && error.status === 401) {
          const next = encodeURIComponent(location.pathname + location.search);
          location.assign(`/login/?next=${next}`);
        } else setPhase({ name: 'failed', error });
      },
    );
    return () => {
      current = false;
    };
  }, [attempt]);

  return (
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} colorSchemeManager={schemes} defaultColorScheme="auto" deduplicateCssVariables={false}>
        <I18nProvider>
          {phase.name === 'ready' && <RouterProvider router={router} />}
          {phase.name === 'failed' && (
            <ErrorState
              error={phase.error}
              onRetry={() => {
                setPhase({ name: 'loading' });
                setAttempt((n) => n + 1);
              }}
            />
          )}
          {phase.name === 'ready' && <SessionGuard />}
          <ConfirmHost />
          <Toaster />
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>
  );
}
