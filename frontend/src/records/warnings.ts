/** What the server asks to consider after a write that went through, such as "do not phone" (CUS-5.4). */
import type { Warning } from '@/api';
import { toast } from '@/ui';

/** They ask for something, so they stay until dismissed, or long enough to be read. */
const SHOWN_MS = 20_000;

const textOf = (warning: Warning) => (typeof warning === 'string' ? warning : warning.message);

/** Shows the warnings of an answer and gives the answer back, to stand behind a write. */
export function tellWarnings<T extends { warnings?: Warning[] }>(answer: T): T {
  for (const message of (answer.warnings ?? []).map(textOf).filter(Boolean)) toast({ kind: 'info', message, duration: SHOWN_MS });
  return answer;
}
