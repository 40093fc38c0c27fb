import { errorMessage, runAction, type ActionAnswer, type FullRecord } from '@/api';
import { t } from '@/i18n';
import { recordName, type Action, type Entity } from '@/metadata';
import { confirm, toast } from '@/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { afterWrite, refreshRecord } from '../record/cache';
import { ActionDialog } from './ActionDialog';
import { useAnnounceAction } from './announce';

export interface ActionRunner {
  /** Run at once, or open the dialog when the action takes parameters. */
  start: (action: Action) => void;
  /** Name of the action under way. */
  running: string | null;
  /** Render this where the actions are offered. */
  dialog: ReactNode;
}

/** Starts actions of one record: those with parameters open their dialog, destructive ones ask first. */
export function useActionRunner(entity: Entity, record: FullRecord, onDone?: (action: Action, answer: ActionAnswer) => void): ActionRunner {
  const client = useQueryClient();
  const announceAction = useAnnounceAction();
  const [open, setOpen] = useState<Action | null>(null);
  const [running, setRunning] = useState<string | null>(null);

  const runNow = async (action: Action) => {
    if (action.destructive && !(await confirm({ title: action.label, body: recordName(entity, record), confirmLabel: action.label, destructive: true }))) return;
    setRunning(action.name);
    try {
      const answer = await runAction(entity.plural, record.id, action.name, {}, { ifMatch: record.version });
      if (answer.record) afterWrite(client, entity.plural, answer.record);
      refreshRecord(client, entity.plural, record.id);
      announceAction(entity, action, answer);
      onDone?.(action, answer);
    } catch (error) {
      toast({ kind: 'error', message: t('record.action.failed', { action: action.label, reason: errorMessage(error) }) });
      refreshRecord(client, entity.plural, record.id);
    } finally {
      setRunning(null);
    }
  };

  const dialog = open ? <ActionDialog entity={entity} record={record} action={open} onClose={() => setOpen(null)} onDone={(answer) => onDone?.(open, answer)} /> : null;
  return { start: (action) => (action.parameters.length ? setOpen(action) : void runNow(action)), running, dialog };
}
