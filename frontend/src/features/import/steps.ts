/** The steps of the wizard and which of them an import has reached; the address decides which one is open. */
import type { ImportDocument } from '@/api/imports';

export const STEPS = ['object', 'columns', 'values', 'match', 'check', 'run'] as const;
export type Step = (typeof STEPS)[number];

const FINISHED = new Set<ImportDocument['state']>(['running', 'done', 'undoing', 'undone', 'canceled']);

/** True while the server works on the import, so the page asks again until it is done. */
export const isBusy = (document: ImportDocument): boolean =>
  document.state === 'reading' || document.state === 'checking' || document.state === 'running' || document.state === 'undoing' || document.job?.state === 'queued';

/** True once rows were written: the mapping is history and can no longer be changed. */
export const isFinal = (document: ImportDocument): boolean => FINISHED.has(document.state);

/** The step an import is at when the address names none. */
export function reachedStep(document: ImportDocument): Step {
  if (isFinal(document)) return 'run';
  if (document.state === 'reading' || document.state === 'checking' || document.state === 'checked') return 'check';
  if (document.state === 'failed') return document.job?.kind?.includes('check') ? 'check' : 'run';
  return document.object ? 'columns' : 'object';
}

/** The step to show: the wanted one, as far as the import allows it. */
export function openStep(document: ImportDocument, wanted: string | null | undefined): Step {
  const reached = reachedStep(document);
  const step = STEPS.find((entry) => entry === wanted);
  if (!step || isFinal(document)) return reached;
  if (!document.object) return 'object';
  return step === 'run' ? reached : step;
}

/** The step before or after, leaving out the page of values when no column needs it. */
export function neighbourStep(step: Step, direction: 1 | -1, hasValues: boolean): Step | null {
  const steps = STEPS.filter((entry) => entry !== 'values' || hasValues);
  return steps[steps.indexOf(step) + direction] ?? null;
}
