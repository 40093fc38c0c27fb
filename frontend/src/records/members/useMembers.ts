/** Adding members to marketing lists and removing them: told, undone and followed like every other mass change. */
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { errorMessage, runAction, type ActionAnswer, type Filter } from '@/api';
import { useT } from '@/i18n';
import { isActive, pluralOf, refreshAfterJob, trackJob, useJobAction, useSession } from '@/metadata';
import { toast } from '@/ui';

export interface ListRef {
  id: string;
  name: string;
}

export type MemberAction = 'add_members' | 'remove_members' | 'add_by_query' | 'remove_by_query' | 'evaluate';

/** What is added or removed: records by id, or what a filter and a text find. */
export type Members = { ids: string[] } | { filter?: Filter | null; q?: string };

const hasAny = (members: { filter?: Filter | null; q?: string }) => !!members.filter || !!members.q;

/** The parameters of an action for these members. */
export const parametersOf = (members: Members): Record<string, unknown> =>
  'ids' in members ? { ids: members.ids } : hasAny(members) ? { ...(members.filter && { filter: members.filter }), ...(members.q && { q: members.q }) } : { all: true };

/** Runs an action on the members of a list of `object` and tells what came of it. */
export function useMembers(object: string) {
  const t = useT();
  const client = useQueryClient();
  const session = useSession();
  const jobAction = useJobAction();
  const tell = async (list: ListRef, { job, result }: ActionAnswer) => {
    if (!job) return;
    trackJob(client, job);
    if (isActive(job)) {
      toast({ id: `job-${job.id}`, message: t('members.running', { name: list.name }) });
      return;
    }
    await refreshAfterJob(client, job);
    const added = typeof result?.added === 'number';
    const text = t(added ? 'members.added' : 'members.removed', { count: Number(result?.[added ? 'added' : 'removed'] ?? 0), name: list.name });
    const ignored = Number(result?.ignored ?? 0);
    toast({
      id: `job-${job.id}`,
      kind: 'success',
      message: ignored ? t(added ? 'members.ignored' : 'members.notThere', { text, count: ignored }) : text,
      undo: job.can_undo && job.done ? () => jobAction.mutate({ id: job.id, action: 'undo' }) : undefined,
    });
  };
  return useMutation({
    mutationFn: async ({ list, action, members }: { list: ListRef; action: MemberAction; members: Members }) => {
      const answer = await runAction(pluralOf(session, object), list.id, action, parametersOf(members));
      await tell(list, answer);
      return answer;
    },
    onError: (error) => void toast({ kind: 'error', message: errorMessage(error) }),
  });
}
