/** The standard views of an object as the draft would leave them. */
import type { Change, ViewDefinition } from '@/api/customization';
import type { View } from '@/metadata';

export interface ViewRow {
  key: string;
  definition: ViewDefinition;
  /** Made in this workspace; the others were delivered. */
  custom: boolean;
  changed: boolean;
  draft: 'new' | 'changed' | 'deleted' | null;
  /** The change of the draft that is about it. */
  changeId: string | null;
}

const definitionOfView = (view: View): ViewDefinition => ({
  label: view.name,
  columns: view.columns,
  filter: view.filter,
  order: view.order,
  default: view.is_default,
  layout: view.layout,
  board_attribute: view.board_attribute,
});

/** Published standard views with what the draft does to them; taken away ones last, so that they can be brought back. */
export function viewRows(views: View[], stored: Record<string, ViewDefinition> = {}, changes: Change[], object: string): ViewRow[] {
  const own = changes.filter((change) => change.kind === 'view' && change.object === object && change.name);
  const rows = views
    .filter((view) => view.kind === 'standard' && view.key)
    .map((view): ViewRow => {
      const kept = stored[view.key!];
      return { key: view.key!, definition: kept && !kept.hidden ? { ...definitionOfView(view), ...kept } : definitionOfView(view), custom: view.custom ?? false, changed: view.changed ?? false, draft: null, changeId: null };
    });
  const hidden = Object.entries(stored)
    .filter(([, definition]) => definition.hidden)
    .map(([key, definition]): ViewRow => ({ key, definition: { ...definition, columns: [], filter: null, order: [] }, custom: false, changed: true, draft: 'deleted', changeId: null }));
  const known = [...rows, ...hidden];
  for (const change of own) {
    const at = known.findIndex((row) => row.key === change.name);
    const definition = change.definition as ViewDefinition;
    if (at < 0) {
      if (change.operation !== 'delete') known.push({ key: change.name!, definition, custom: true, changed: true, draft: 'new', changeId: change.id });
    } else if (change.operation === 'delete') {
      const returns = !definition.hidden && !known[at]!.custom;
      known[at] = { ...known[at]!, draft: returns ? 'changed' : 'deleted', changeId: change.id };
    } else {
      known[at] = { ...known[at]!, definition, draft: 'changed', changeId: change.id };
    }
  }
  return known;
}

/** What the server takes of a definition. */
export const viewToSend = ({ label, labels, columns, filter, order, layout, board_attribute, ...rest }: ViewDefinition): ViewDefinition => ({
  label: label.trim(),
  labels: Object.fromEntries(Object.entries(labels ?? {}).filter(([, text]) => text.trim())),
  columns,
  filter,
  order,
  default: rest.default ?? false,
  layout: layout ?? 'table',
  board_attribute: board_attribute ?? null,
});
