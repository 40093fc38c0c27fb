/** One import: read while the server works on it, changed step by step. */
import { errorMessage, keys } from '@/api';
import { readImport, runImportAction, updateImport, type ImportDocument, type ImportMapping, type ImportMatch } from '@/api/imports';
import { toast } from '@/ui';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isBusy } from './steps';

const POLL_MS = 800;
const SAVE_DELAY_MS = 350;

/** The import, asked again while it is being read, checked, run or undone. */
export function useImportDocument(id: string) {
  return useQuery({
    queryKey: keys.importOne(id),
    queryFn: ({ signal }) => readImport(id, signal),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? POLL_MS : false),
  });
}

/** Put the server's answer in place and read the list of imports again. */
export function storeImport(client: QueryClient, document: ImportDocument): void {
  client.setQueryData(keys.importOne(document.id), document);
  void client.invalidateQueries({ queryKey: keys.imports, exact: true });
}

export interface Draft {
  mapping: ImportMapping;
  match: ImportMatch;
}

export interface ImportEditor extends Draft {
  change: (next: Partial<Draft>) => void;
  /** Choose what the file holds; the server guesses the mapping anew. */
  setObject: (object: string) => Promise<void>;
  setFormat: (format: Record<string, unknown>) => Promise<boolean>;
  /** Send what was not sent yet. @returns false when the server refused; the reason was shown */
  flush: () => Promise<boolean>;
  saving: boolean;
}

/** Edits of an import, shown at once and saved a moment later, so that the address can be closed at any time. */
export function useImportEditor(document: ImportDocument): ImportEditor {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ mapping: document.mapping, match: document.match });
  const [saving, setSaving] = useState(false);
  const latest = useRef(draft);
  const pending = useRef<Draft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const queue = useRef<Promise<boolean>>(Promise.resolve(true));

  const send = useCallback(
    (body: Parameters<typeof updateImport>[1], adopt: boolean) => {
      queue.current = queue.current.then(async () => {
        setSaving(true);
        try {
          const next = await updateImport(document.id, body);
          storeImport(client, next);
          if (adopt) setDraft((latest.current = { mapping: next.mapping, match: next.match }));
          return true;
        } catch (error) {
          toast({ kind: 'error', message: errorMessage(error), id: 'import-save' });
          return false;
        } finally {
          setSaving(false);
        }
      });
      return queue.current;
    },
    [client, document.id],
  );

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const body = pending.current;
    pending.current = null;
    return body ? send({ mapping: body.mapping, match: body.match }, false) : queue.current;
  }, [send]);
  useEffect(() => () => void flush(), [flush]);

  const change = useCallback(
    (next: Partial<Draft>) => {
      latest.current = { ...latest.current, ...next };
      pending.current = latest.current;
      setDraft(latest.current);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), SAVE_DELAY_MS);
    },
    [flush],
  );

  const setObject = useCallback(
    async (object: string) => {
      pending.current = null;
      await send({ object }, true);
    },
    [send],
  );
  const setFormat = useCallback((format: Record<string, unknown>) => send({ format }, true), [send]);
  return { ...draft, change, setObject, setFormat, flush, saving };
}

/** Start a check, run, undo or cancel. @returns the import as it is now, or null when refused; the reason was shown */
export function useImportAction(id: string) {
  const client = useQueryClient();
  const [running, setRunning] = useState<string | null>(null);
  const start = async (action: 'check' | 'run' | 'undo' | 'cancel'): Promise<ImportDocument | null> => {
    setRunning(action);
    try {
      const next = await runImportAction(id, action);
      storeImport(client, next);
      // What was read of single rows belongs to the former check.
      client.removeQueries({ queryKey: [...keys.importOne(id), 'rows'] });
      return next;
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
      return null;
    } finally {
      setRunning(null);
    }
  };
  return { start, running };
}
