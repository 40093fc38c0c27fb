import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { errorMessage } from '@/api/errors';
import { changeSharingRules, readSharingRules } from '@/api/security';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';

const KEY = ['sharing-rules'];

/** What happens to the access of a former owner (CUS-12). */
export function SharingRulesGroup() {
  const t = useT();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => readSharingRules(signal) });
  const save = useMutation({
    mutationFn: changeSharingRules,
    onSuccess: (rules) => {
      client.setQueryData(KEY, rules);
      toast({ kind: 'success', message: t('sharingRules.saved'), id: 'sharing-rules' });
    },
    onError: (failure) => toast({ kind: 'error', message: errorMessage(failure) }),
  });
  return (
    <Group title={t('sharingRules.title')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={1} />}
      {data && (
        <Switch
          mt="sm"
          size="sm"
          label={t('sharingRules.previous')}
          description={t('sharingRules.previousHelp')}
          checked={save.isPending ? save.variables.share_with_previous_owner : data.share_with_previous_owner}
          disabled={save.isPending}
          onChange={(event) => save.mutate({ share_with_previous_owner: event.currentTarget.checked })}
        />
      )}
    </Group>
  );
}
