import { Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';

import { useT } from '@/i18n';
import { findObject, usePreference, useSession } from '@/metadata';
import { QuickCreateProvider, useQuickCreate } from '@/records/form/QuickCreateProvider';
import { Boundary } from '@/ui/Boundary';
import { useIsPhone, useOnline } from '@/ui/responsive';
import { Opening, useShortcut } from '@/ui/shortcuts';
import { JobWatcher } from '../jobs/JobWatcher';
import { interceptLink } from './links';
import { Navigation } from './Navigation';
import { TopStrip } from './TopStrip';
import classes from './Shell.module.css';

const LegalNotice = lazy(() => import('./LegalNotice'));
const Announcements = lazy(() => import('./Announcements'));
const PhoneBar = lazy(() => import('./PhoneBar').then((module) => ({ default: module.PhoneBar })));
const Palette = lazy(() => import('../palette/Palette'));
const ShortcutsDialog = lazy(() => import('./ShortcutsDialog'));

/** What surrounds every page: navigation, strips, palette, quick create, shortcuts. */
export function Shell() {
  return (
    <QuickCreateProvider>
      <Frame />
    </QuickCreateProvider>
  );
}

function Frame() {
  const t = useT();
  const session = useSession();
  const router = useRouter();
  const navigate = useNavigate();
  const openCreate = useQuickCreate();
  const phone = useIsPhone();
  const online = useOnline();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const create = useRouterState({ select: (state) => (state.location.search as { create?: string }).create });
  const [palette, setPalette] = useState<null | 'search' | 'create'>(null);
  const [help, setHelp] = useState(false);
  const [collapsed, setCollapsed] = usePreference('nav_collapsed', false);
  const main = useRef<HTMLElement>(null);

  useShortcut('mod+k', () => setPalette((now) => (now ? null : 'search')), { label: t('shortcuts.palette'), group: t('shortcuts.group.general'), inInputs: true });
  useShortcut('/', () => setPalette('search'), { label: t('shortcuts.search'), group: t('shortcuts.group.general') });
  useShortcut('?', () => setHelp(true), { label: t('shortcuts.help'), group: t('shortcuts.group.general') });
  useShortcut('c', () => {
    // On the pages of an object `c` creates that object, elsewhere it asks which.
    const object = findObject(session, path.split('/')[1] ?? '');
    if (object?.privileges.create) void openCreate({ object: object.name });
    else setPalette('create');
  }, { label: t('shortcuts.create'), group: t('shortcuts.group.general') });

  // `?create=contact` in an address opens quick create, for links of the checklist and of mails.
  useEffect(() => {
    if (!create) return;
    void navigate({ to: '.', search: ({ create: _done, ...rest }: Record<string, unknown>) => rest, replace: true });
    if (findObject(session, create)) void openCreate({ object: create });
  }, [create, navigate, openCreate, session]);

  // A new page starts at its content for keyboard and screen reader, unless a field on it took the focus.
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else if (!document.activeElement || document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      {/* clicks on plain links inside are followed without loading the page anew */}
      <div className={classes.shell} data-collapsed={collapsed || undefined} onClick={(event) => interceptLink(event, router)} onPointerOver={(event) => preload(event.target, router)}>
        <a className={classes.skip} href="#main" onClick={() => main.current?.focus()}>
          {t('shell.skip')}
        </a>
        {!phone && <Navigation collapsed={collapsed} onCollapse={setCollapsed} onSearch={() => setPalette('search')} onHelp={() => setHelp(true)} />}
        <div className={classes.column}>
          <TopStrip online={online} />
          <Suspense>
            <LegalNotice />
            <Announcements />
          </Suspense>
          <main ref={main} id="main" tabIndex={-1} className={classes.main}>
            <Boundary resetKey={path}>
              <Suspense>
                <Outlet />
              </Suspense>
            </Boundary>
          </main>
        </div>
        <Suspense>{phone && <PhoneBar onSearch={() => setPalette('search')} onCreate={() => setPalette('create')} />}</Suspense>
        <Suspense fallback={<Opening />}>
          {palette && <Palette mode={palette} onClose={() => setPalette(null)} onHelp={() => setHelp(true)} />}
          {help && <ShortcutsDialog onClose={() => setHelp(false)} />}
        </Suspense>
        <JobWatcher />
      </div>
    </>
  );
}

/** Fetch the page behind a link while the pointer rests on it. */
function preload(target: EventTarget, router: ReturnType<typeof useRouter>) {
  const anchor = target instanceof Element ? target.closest('a[href^="/"]') : null;
  if (!anchor || anchor.hasAttribute('download') || anchor.getAttribute('target')) return;
  const url = new URL(anchor.getAttribute('href')!, location.href);
  if (!/^\/(api|login|logout|static|billing|media|assets)(\/|$)/.test(url.pathname)) void router.preloadRoute({ to: url.pathname }).catch(() => undefined);
}
