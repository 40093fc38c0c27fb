import { lazy, Suspense, useSyncExternalStore, type ReactNode } from 'react';

import { Opening } from './shortcuts';

const ConfirmDialog = lazy(() => import('./ConfirmDialog'));

export interface ConfirmOptions {
  title: string;
  body: ReactNode;
  /** A verb: "Delete for good", never "OK". */
  confirmLabel: string;
  destructive?: boolean;
  /** The user types this before the button works: for large destructive actions. */
  typeToConfirm?: string;
}

export type Question = ConfirmOptions & { answer: (yes: boolean) => void };

let question: Question | null = null;
const listeners = new Set<() => void>();

function publish(next: Question | null) {
  question = next;
  listeners.forEach((listener) => listener());
}

/** Ask a question. Only where undo is impossible; everything else acts at once and offers undo. */
export function confirm(options: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve) => {
    question?.answer(false);
    publish({
      ...options,
      answer: (yes) => {
        publish(null);
        resolve(yes);
      },
    });
  });
}

/** Where questions appear; mounted once by the shell. */
export function ConfirmHost() {
  const asked = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => question,
  );
  return asked ? (
    <Suspense fallback={<Opening />}>
      <ConfirmDialog asked={asked} />
    </Suspense>
  ) : null;
}
