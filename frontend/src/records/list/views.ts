/** Reading, saving and deleting views. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { createView, deleteView, errorMessage, keys, listViews, makeStandardView, updateView } from '@/api';
import type { ViewBody } from '@/api/workspace';
import { useT } from '@/i18n';
import type { Entity, View } from '@/metadata';
import { toast } from '@/ui';
import type { ListState } from './state';

/** All views of an object the user may see; those of the description stand in until the newest list is there. */
export function useViews(entity: Entity): View[] {
  return useQuery({
    queryKey: keys.views(entity.name),
    queryFn: ({ signal }) => listViews(entity.name, signal),
    initialData: entity.views,
    initialDataUpdatedAt: 0,
    staleTime: 5 * 60_000,
  }).data;
}

/** What the list shows now, as a view is stored. */
export function viewBody(state: ListState, widths: Record<string, number>): Omit<ViewBody, 'name' | 'object'> {
  return {
    layout: state.layout,
    columns: state.columns.map(({ name, width }) => ({ name, width: widths[name] ?? width })),
    filter: state.filter,
    order: state.order,
    group_by: state.groupBy,
    board_attribute: state.boardAttribute,
  };
}

export const ownerId = (view: View): string | null => (view.owner && typeof view.owner === 'object' ? view.owner.id : (view.owner as string | null));

/** Mutations of views; each tells what happened. */
export function useViewMutations(entity: Entity) {
  const t = useT();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.views(entity.name) });
  const put = (view: View) => client.setQueryData<View[]>(keys.views(entity.name), (before = []) => [...before.filter((entry) => entry.id !== view.id), view]);
  const onError = (error: unknown) => void toast({ kind: 'error', message: errorMessage(error) });
  const create = useMutation({
    mutationFn: (body: Omit<ViewBody, 'object'>) => createView({ ...body, object: entity.name }),
    onSuccess: (view) => {
      put(view);
      toast({ kind: 'success', message: t('lists.view.saved', { name: view.name }) });
    },
    onError,
  });
  const update = useMutation({
    mutationFn: ({ id, body }: { id: string; body: Partial<ViewBody> }) => updateView(id, body),
    onSuccess: (view) => {
      put(view);
      toast({ kind: 'success', message: t('lists.view.saved', { name: view.name }) });
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: (view: View) => deleteView(view.id),
    onSuccess: async (_, view) => {
      client.setQueryData<View[]>(keys.views(entity.name), (before = []) => before.filter((entry) => entry.id !== view.id));
      // A deleted view is made again as it was: the same filter under the same name.
      const again = () =>
        create.mutateAsync({
          name: view.name, layout: view.layout, columns: view.columns, filter: view.filter, order: view.order, group_by: view.group_by,
          board_attribute: view.board_attribute, shared_with: view.shared_with ?? 'me', teams: view.shared_with === 'teams' ? view.teams : undefined,
        });
      toast({ kind: 'success', message: t('lists.view.deleted', { name: view.name }), undo: again });
      await refresh();
    },
    onError,
  });
  const standard = useMutation({
    mutationFn: ({ id, body }: { id: string; body: { label?: string; default: boolean } }) => makeStandardView(id, { ...body, object: entity.name }),
    onSuccess: async (made) => {
      toast({ kind: 'success', message: made.published ? t('lists.view.standardDone') : t('lists.view.standardDrafted', { count: made.drafted }) });
      await Promise.all([refresh(), client.invalidateQueries({ queryKey: ['metadata'] }), client.invalidateQueries({ queryKey: keys.customization })]);
    },
    onError,
  });
  return { create, update, remove, standard };
}
