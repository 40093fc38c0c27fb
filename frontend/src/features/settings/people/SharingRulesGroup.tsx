import { NativeSelect, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { errorMessage } from '@/api/errors';
import { changeSharingRules, readSharingRules, type SharingRules } from '@/api/security';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';

const KEY = ['sharing-rules'];
const MOST_LEVELS = 10;
const LEVELS = [0, 1, 2, 3, 4, 5, MOST_LEVELS];

interface ChoiceProps {
  rules: SharingRules;
  busy: boolean;
  onChange: (rules: Partial<SharingRules>) => void;
}

/** What happens to the access of a former owner (CUS-12), and what managers read of their people (PLT-40). */
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
  const rules = data && { ...data, ...(save.isPending ? save.variables : null) };
  return (
    <>
      <Group title={t('sharingRules.managers')}>
        {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
        {!rules && !error && <SkeletonRows rows={1} />}
        {rules && <ManagerDepth rules={rules} busy={save.isPending} onChange={save.mutate} />}
      </Group>
      <Group title={t('sharingRules.title')}>
        {!rules && !error && <SkeletonRows rows={1} />}
        {rules && (
          <Switch
            mt="sm"
            size="sm"
            label={t('sharingRules.previous')}
            description={t('sharingRules.previousHelp')}
            checked={rules.share_with_previous_owner}
            disabled={save.isPending}
            onChange={(event) => save.mutate({ share_with_previous_owner: event.currentTarget.checked })}
          />
        )}
      </Group>
    </>
  );
}

function ManagerDepth({ rules, busy, onChange }: ChoiceProps) {
  const t = useT();
  const mayChange = useSession().capabilities.includes('manage_roles');
  const named = (levels: number) => {
    if (levels === 0 || levels === 1 || levels === MOST_LEVELS) return t(`sharingRules.depth.${levels}`);
    return t('sharingRules.depth.levels', { levels });
  };
  const choices = [...new Set([...LEVELS, rules.manager_depth])].sort((a, b) => a - b);
  return (
    <NativeSelect
      mt="sm"
      maw={420}
      label={t('sharingRules.depth')}
      description={t('sharingRules.depthHelp')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={String(rules.manager_depth)}
      disabled={busy || !mayChange}
      data={choices.map((levels) => ({ value: String(levels), label: named(levels) }))}
      onChange={(event) => onChange({ manager_depth: Number(event.currentTarget.value) })}
    />
  );
}
