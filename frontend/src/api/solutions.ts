/** Solutions: packages of definitions that travel between workspaces (PLT-12). */
import { apiUrl, get, patch, post, remove, upload } from './client';
import type { Problem } from './customization';

/** Which component: the kind, the object it belongs to, its name. */
export interface ComponentKey {
  kind: string;
  object: string | null;
  name: string;
}

export interface Component extends ComponentKey {
  label: string;
  object_label: string | null;
}

export interface PickableComponent extends Component {
  needs: ComponentKey[];
}

export interface Solution {
  id: string;
  name: string;
  label: string;
  version: string;
  description: string;
  managed: boolean;
  imported: boolean;
  changed_at: string;
  components: (Component & { gone: boolean; locked: boolean })[];
}

export interface SolutionImport {
  id: string;
  name: string;
  label: string;
  version: string;
  managed: boolean;
  imported_at: string;
  by: string;
  changes: number;
  rolled_back_at: string | null;
  can_roll_back: boolean;
}

export type Outcome = 'add' | 'change' | 'same' | 'conflict' | 'keep' | 'missing' | 'invalid';

export interface PreviewComponent extends Component {
  outcome: Outcome;
  parts: string[];
  needs: string[];
  problem: (Problem & { field: string | null }) | null;
}

export interface SolutionPreview {
  solution: { name: string; label: string; version: string; description: string; managed: boolean; installed_version: string | null };
  components: PreviewComponent[];
  problems: (Component & { problem: Problem })[];
  counts: Record<Outcome, number>;
}

export type Decision = ComponentKey & { decision: 'replace' | 'keep' };

/** What stands in the way of taking something out: `details.uses` of `solution.in_use`. */
export interface SolutionUse {
  component: Component;
  kind: string;
  label: string;
  count: number;
}

export interface SolutionBody {
  label: string;
  version: string;
  description: string;
  components: (ComponentKey & { locked?: boolean })[];
}

export interface Solutions {
  rows: Solution[];
  imports: SolutionImport[];
}

export const readSolutions = (signal?: AbortSignal) => get<Solutions>('/solutions', undefined, signal);
export const readSolution = (id: string, signal?: AbortSignal) => get<Solution>(`/solutions/${encodeURIComponent(id)}`, undefined, signal);
export const readComponents = (signal?: AbortSignal) => get<{ rows: PickableComponent[] }>('/solutions/components', undefined, signal);
export const createSolution = (body: SolutionBody) => post<Solution>('/solutions', body);
export const changeSolution = (id: string, body: SolutionBody) => patch<Solution>(`/solutions/${encodeURIComponent(id)}`, body);
export const removeSolution = (id: string) => remove(`/solutions/${encodeURIComponent(id)}`);
export const uninstallSolution = (id: string) => post<undefined>(`/solutions/${encodeURIComponent(id)}/actions/uninstall`);
export const rollBackImport = (id: string) => post<SolutionImport>(`/solution_imports/${encodeURIComponent(id)}/actions/roll_back`);
/** Where the browser downloads the package from. */
export const solutionFile = (id: string, managed: boolean) => apiUrl(`/solutions/${encodeURIComponent(id)}/export`, { managed });

function packageForm(file: File, decisions: Decision[]): FormData {
  const form = new FormData();
  form.append('file', file);
  form.append('decisions', JSON.stringify(decisions));
  return form;
}

export const previewSolution = (file: File) => upload<SolutionPreview>('/solutions/preview', packageForm(file, []), () => undefined);
export const importSolution = (file: File, decisions: Decision[]) => upload<SolutionImport>('/solutions/import', packageForm(file, decisions), () => undefined);
