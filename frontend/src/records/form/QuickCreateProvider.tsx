import type { Ref } from '@/api';
import { FieldProvider } from '@/fields';
import { recordName } from '@/metadata';
import { Opening } from '@/ui';
import { useRouter } from '@tanstack/react-router';
import { createContext, lazy, Suspense, useCallback, useContext, useState, type ReactNode } from 'react';
import type { Values } from './values';

// The dialog with its form is fetched with its first use.
const QuickCreateDialog = lazy(() => import('./QuickCreateDialog').then((module) => ({ default: module.QuickCreateDialog })));

export interface QuickCreateRequest {
  object: string;
  defaults?: Values;
  text?: string;
}

/** Opens the quick-create dialog; answers the record made last, or null when nothing was made. */
export type OpenQuickCreate = (request: QuickCreateRequest) => Promise<Ref | null>;

const Context = createContext<OpenQuickCreate>(async () => null);

interface Opened extends QuickCreateRequest {
  /** From a lookup: the new record goes into the field, so there is no "save and open". */
  forField: boolean;
  made: Ref | null;
  answer: (ref: Ref | null) => void;
}

/** Lets everything below create records: buttons, the palette, and lookups that miss a record. Mounted once by the shell. */
export function QuickCreateProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  // A lookup inside the dialog may open a second one on top.
  const [stack, setStack] = useState<Opened[]>([]);
  const push = useCallback(
    (request: QuickCreateRequest, forField: boolean) =>
      new Promise<Ref | null>((resolve) => setStack((before) => [...before, { ...request, forField, made: null, answer: resolve }])),
    [],
  );
  const open = useCallback<OpenQuickCreate>((request) => push(request, false), [push]);
  const quickCreate = useCallback((object: string, text: string) => push({ object, text }, true), [push]);

  const close = (entry: Opened) => {
    setStack((before) => before.filter((other) => other !== entry));
    entry.answer(entry.made);
  };
  return (
    <Context.Provider value={open}>
      <FieldProvider quickCreate={quickCreate}>
        {children}
        {stack.map((entry, index) => (
          <Suspense key={index} fallback={<Opening />}>
            <QuickCreateDialog
              object={entry.object}
              defaults={entry.defaults}
              text={entry.text}
              onClose={() => close(entry)}
              onCreated={(record, entity) => (entry.made = { object: entity.name, id: record.id, name: recordName(entity, record) })}
              onOpen={entry.forField ? undefined : (path) => router.history.push(path)}
            />
          </Suspense>
        ))}
      </FieldProvider>
    </Context.Provider>
  );
}

/** Open quick create from anywhere below the provider. */
export const useQuickCreate = (): OpenQuickCreate => useContext(Context);
