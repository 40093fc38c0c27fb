import { Button, Checkbox, NativeSelect, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { readFactors, writeFactors, type FactorRequired, type Factors } from '@/api/secondFactor';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import { useRoles } from './useRoles';

const CHOICES: FactorRequired[] = ['nobody', 'everybody', 'roles'];

/** Of whom the workspace asks a second factor. */
export function FactorPolicy() {
  const t = useT();
  const { user } = useSession();
  const { data, error, refetch } = useQuery({ queryKey: keys.factors, queryFn: ({ signal }) => readFactors(signal) });
  if (!user.is_admin) return null;
  return (
    <div style={{ marginTop: 32 }}>
      <Group title={t('factor.policy')} help={t('factor.policyHelp')} id="second-factor">
        {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows rows={1} height={48} />}
        {data && <Choice key={`${data.required} ${data.roles.join()}`} factors={data} />}
      </Group>
    </div>
  );
}

function Choice({ factors }: { factors: Factors }) {
  const t = useT();
  const client = useQueryClient();
  const { roles } = useRoles();
  const [required, setRequired] = useState(factors.required);
  const [chosen, setChosen] = useState(factors.roles);
  const save = useMutation({
    mutationFn: () => writeFactors(required === 'roles' ? { required, roles: chosen } : { required }),
    onSuccess: async (answer) => {
      toast({ kind: 'success', message: t('factor.policySaved') });
      client.setQueryData(keys.factors, answer);
      await client.invalidateQueries({ queryKey: keys.ownFactor });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const changed = required !== factors.required || (required === 'roles' && [...chosen].sort().join() !== [...factors.roles].sort().join());
  return (
    <>
      <NativeSelect maw={360} label={t('factor.ask')} value={required} onChange={(event) => setRequired(event.currentTarget.value as FactorRequired)} data={CHOICES.map((value) => ({ value, label: t(`factor.ask.${value}`) }))} />
      {required === 'roles' && (
        <Checkbox.Group mt="md" label={t('factor.askRoles')} value={chosen} onChange={setChosen}>
          <Stack gap={10} mt={8}>
            {roles ? roles.map((role) => <Checkbox key={role.id} size="xs" value={role.id} label={role.name} />) : <SkeletonRows rows={4} />}
          </Stack>
        </Checkbox.Group>
      )}
      {changed && (
        <Button mt="md" loading={save.isPending} disabled={required === 'roles' && !chosen.length} onClick={() => save.mutate()}>
          {t('ui.save')}
        </Button>
      )}
    </>
  );
}
