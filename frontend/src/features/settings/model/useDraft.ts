/** The draft of the data model: read it, add to it, publish it. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { addChange, readCustomization, readDraftEntity, readSharedLists, type Change, type ChangeBody } from '@/api/customization';
import { keys } from '@/api/keys';

/** Read again what the draft changed. */
export const refreshDraft = (client: QueryClient) => client.invalidateQueries({ queryKey: keys.customization });

/** Read again everything that is made from the data model. */
export async function refreshModel(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: keys.session });
  await Promise.all([client.invalidateQueries({ queryKey: ['metadata'] }), client.invalidateQueries({ queryKey: ['views'] }), refreshDraft(client)]);
}

export const useCustomization = () => useQuery({ queryKey: keys.customization, queryFn: ({ signal }) => readCustomization(signal) });

/** The option lists fields can share, as the draft would have them. */
export const useSharedLists = () => useQuery({ queryKey: [...keys.customization, 'lists'], queryFn: ({ signal }) => readSharedLists(signal) });

/** An object as the draft would have it: what rules, views and computed fields may name before it is published. */
export const useDraftEntity = (name: string | null | undefined) =>
  useQuery({ queryKey: [...keys.customization, 'entity', name], queryFn: ({ signal }) => readDraftEntity(name!, signal), enabled: !!name, retry: false }).data;

/** The unpublished changes; empty while loading. */
export function useDraftChanges(): Change[] {
  return useCustomization().data?.draft.changes ?? [];
}

/** The newest unpublished change of a field or object. */
export function draftOf(changes: Change[], kind: ChangeBody['kind'], name: string, object: string | null = null): Change | undefined {
  return changes.findLast((change) => change.kind === kind && change.name === name && (kind === 'object' || change.object === object));
}

/** Put one change into the draft; answers the change with the name the server gave. */
export function useAddChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: ChangeBody) => addChange(body),
    onSuccess: () => refreshDraft(client),
    // Shown beside the field by the dialogs.
    onError: () => undefined,
  });
}
