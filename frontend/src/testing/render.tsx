/** Render with everything a component may ask for: texts, theme, query cache, session. */
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, type RenderResult } from '@testing-library/react';
import { Suspense, type ReactNode } from 'react';

import { I18nProvider } from '@/i18n';
import { theme } from '@/ui/theme';

/** A query cache without retries. */
export const testClient = () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity }, mutations: { retry: false } } });

/** Render below the application's providers; install `mockApi()` first. Waits until the first suspense is over. */
export async function renderApp(children: ReactNode, client = testClient()): Promise<RenderResult & { client: QueryClient }> {
  const result = render(
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} env="test">
        <I18nProvider>
          <Suspense fallback={<div data-testid="suspended" />}>{children}</Suspense>
        </I18nProvider>
      </MantineProvider>
    </QueryClientProvider>,
  );
  const waited = screen.queryByTestId('suspended');
  if (waited) {
    const { waitForElementToBeRemoved } = await import('@testing-library/react');
    await waitForElementToBeRemoved(() => screen.queryByTestId('suspended'));
  }
  return { ...result, client };
}
