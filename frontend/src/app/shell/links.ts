import type { AnyRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';

/** Paths the backend answers itself: they load the page anew. */
const OUTSIDE = /^\/(api|login|logout|static|billing|media|assets)(\/|$)/;

/** The path of a link inside the workspace's application; null for everything the browser must follow itself. */
export function innerPath(anchor: HTMLAnchorElement, here: Location = location): string | null {
  if (anchor.target && anchor.target !== '_self') return null;
  if (anchor.hasAttribute('download')) return null;
  const url = new URL(anchor.href, here.href);
  if (url.origin !== here.origin || OUTSIDE.test(url.pathname)) return null;
  if (url.hash && url.pathname === here.pathname) return null;
  return url.pathname + url.search + url.hash;
}

/** Follow plain links by the router, so that fields and texts need no router to write one. */
export function interceptLink(event: MouseEvent, router: AnyRouter): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = event.target instanceof Element ? event.target.closest('a') : null;
  const path = anchor?.href ? innerPath(anchor) : null;
  if (!path) return;
  event.preventDefault();
  router.history.push(path);
}
