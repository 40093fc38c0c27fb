/** Tells what an action did: done, with its warnings, and a way to what it created. */
import type { ActionAnswer } from '@/api';
import { t } from '@/i18n';
import type { Action, Entity } from '@/metadata';
import { toast } from '@/ui';

const textOf = (warning: ActionAnswer['warnings'][number]) => (typeof warning === 'string' ? warning : warning.message);

/** Show the outcome; warnings stay until dismissed, because they ask for something. */
export function announceAction(entity: Entity, action: Action, answer: ActionAnswer): void {
  const warnings = (answer.warnings ?? []).map(textOf).filter(Boolean);
  toast({ kind: 'success', message: t('record.action.done', { action: action.label, object: entity.label }) });
  for (const warning of warnings) toast({ kind: 'info', message: warning, duration: 20_000 });
}
