import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { releaseAddress } from '@/api/personal';
import { useT } from '@/i18n';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';

/** Addresses of erased people, of which only hashes are kept: how many, and allowing one again (CUS-15.8). */
export function BlockedAddresses({ count }: { count: number }) {
  const t = useT();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const release = useMutation({
    mutationFn: () => releaseAddress(email.trim()),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('personal.released') });
      setEmail('');
      await client.invalidateQueries({ queryKey: ['personal-requests'] });
    },
    onError: (problem) => toast({ kind: 'error', message: errorMessage(problem) }),
  });
  return (
    <Group title={t('personal.blocked')} help={t('personal.blockedHelp', { count })}>
      {count > 0 && (
        <form
          style={{ display: 'flex', gap: 8, alignItems: 'flex-end', flexWrap: 'wrap' }}
          onSubmit={(event) => {
            event.preventDefault();
            release.mutate();
          }}
        >
          <TextInput type="email" required label={t('personal.address')} value={email} onChange={(event) => setEmail(event.currentTarget.value)} style={{ flex: '1 1 220px', maxWidth: 360 }} />
          <Button type="submit" variant="default" loading={release.isPending} disabled={!email.includes('@')}>
            {t('personal.release')}
          </Button>
        </form>
      )}
    </Group>
  );
}
