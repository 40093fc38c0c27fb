/** Render with everything a component may ask for: texts, theme, query cache, session. */
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor, type RenderResult } from '@testing-library/react';
import { Suspense, type ReactNode } from 'react';

import { I18nProvider } from '@/i18n';
import { theme } from '@/ui/theme';

/** A query cache without retries. */
export const testClient = () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity }, mutations: { retry: false } } });

/** Render below the application's providers; install `mockApi()` first. What suspends at first is there when it resolves. */
export async function renderApp(children: ReactNode, client = testClient()): Promise<RenderResult & { client: QueryClient }> {
  // Inside act, so that React goes on with what was suspended.
  const result = await act(async () =>
    render(
      <QueryClientProvider client={client}>
        <MantineProvider theme={theme} env="test">
          <I18nProvider>
            <Suspense fallback={<div data-testid="suspended" />}>{children}</Suspense>
          </I18nProvider>
        </MantineProvider>
      </QueryClientProvider>,
    ),
  );
  await waitFor(() => {
    if (screen.queryByTestId('suspended')) throw new Error('still suspended');
  });
  return { ...result, client };
}
