import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, parseSearchWith, stringifySearchWith, type ErrorComponentProps } from '@tanstack/react-router';

import { loadFeatureTexts } from '@/i18n';
import { entityQuery, findObject, sessionQuery } from '@/metadata';
import { Delayed, ErrorState, SkeletonRows } from '@/ui/states';
import { addressValue } from './addressValue';
import { featurePages } from './featurePages';
import { Shell } from './shell/Shell';

type Search = Record<string, unknown>;
const anySearch = (search: Search): Search => search;

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell, validateSearch: anySearch, notFoundComponent: NotFound });

function NotFound() {
  return <ErrorState error={{ status: 404 }} />;
}

function Failed({ error, reset }: ErrorComponentProps) {
  return <ErrorState error={error} onRetry={reset} />;
}

const Pending = () => (
  <Delayed>
    <div style={{ paddingTop: 48 }}>
      <SkeletonRows />
    </div>
  </Delayed>
);

const at = <P extends string>(path: P, load: Parameters<typeof lazyRouteComponent>[0], loader?: () => Promise<unknown>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load), loader });

/** Loads an object's description beside the code of its page. */
async function loadEntity(client: QueryClient, plural: string): Promise<void> {
  const session = await client.ensureQueryData(sessionQuery(client));
  const object = findObject(session, plural);
  if (object) await client.ensureQueryData(entityQuery(object.name));
}

const objectList = createRoute({
  getParentRoute: () => root,
  path: '/$objects',
  component: lazyRouteComponent(() => import('./routes/objectList')),
  loader: ({ context, params }) => loadEntity(context.client, params.objects),
});
const record = createRoute({
  getParentRoute: () => root,
  path: '/$objects/$id',
  component: lazyRouteComponent(() => import('./routes/record')),
  loader: ({ context, params }) => loadEntity(context.client, params.objects),
});

const tree = root.addChildren([
  at('/', () => import('./routes/home')),
  at('/search', () => import('./routes/search')),
  at('/calendar', () => import('./routes/calendar'), () => loadFeatureTexts('calendar')),
  // The rest of the path may be empty, so `/settings` is matched too.
  ...featurePages.map(({ name, area, load }) => at(`/${name}/$`, load, () => loadFeatureTexts(area))),
  objectList,
  record,
]);

/** All addresses of the workspace. Pages are split per route and fetched on hover. */
export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadDelay: 60,
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: Pending,
    defaultErrorComponent: Failed,
    scrollRestoration: true,
    parseSearch: parseSearchWith(addressValue),
    stringifySearch: stringifySearchWith(JSON.stringify, addressValue),
  });
}
