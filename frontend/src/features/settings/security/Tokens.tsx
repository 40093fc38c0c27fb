import { Button, Checkbox, Group as Row, Modal, NativeSelect, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { createToken, listTokens, revokeToken, type AccessToken } from '@/api/ownAccess';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { formatDate, formatRelative } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';
import { ShownSecret } from './ShownSecret';

/** Access tokens: what programs use instead of the password. */
export function Tokens() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: keys.ownTokens, queryFn: ({ signal }) => listTokens(signal) });
  return (
    <Group title={t('security.tokens')} help={t('security.tokensHelp')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} height={48} />}
      {data && data.length > 0 && (
        <div className={classes.card}>
          {data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </div>
      )}
      <Button variant="default" mt={data?.length ? 'md' : 4} onClick={() => setMaking(true)}>
        {t('security.newToken')}
      </Button>
      {making && <TokenDialog onClose={() => setMaking(false)} />}
    </Group>
  );
}

function TokenRow({ token }: { token: AccessToken }) {
  const t = useT();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('security.revoked', { name: token.name }) });
      await client.invalidateQueries({ queryKey: keys.ownTokens });
    },
  });
  const ask = async () => {
    if (await confirm({ title: t('security.revokeTitle', { name: token.name }), body: t('security.revokeBody'), confirmLabel: t('security.revoke'), destructive: true })) revoke.mutate();
  };
  const facts = [
    `${token.prefix}…`,
    t(token.may_write ? 'apps.writes' : 'apps.reads'),
    token.last_used_at ? t('security.used', { when: formatRelative(token.last_used_at) }) : t('security.neverUsed'),
    token.expires_at ? t('security.expires', { date: formatDate(token.expires_at) }) : t('security.noEnd'),
  ];
  return (
    <div className={classes.cardRow}>
      <IconKey size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={classes.grow}>
        <div className="k-truncate">{token.name}</div>
        <div className="k-meta k-truncate">{facts.join(' · ')}</div>
      </div>
      <Button size="xs" variant="default" loading={revoke.isPending} aria-label={`${t('security.revoke')}: ${token.name}`} onClick={() => void ask()}>
        {t('security.revoke')}
      </Button>
    </div>
  );
}

const LIFETIMES = [30, 90, 365] as const;

function TokenDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number | null>(90);
  const [mayWrite, setMayWrite] = useState(true);
  const make = useMutation({
    mutationFn: () => createToken({ name: name.trim(), days, may_write: mayWrite }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.ownTokens }),
    // Shown at the field.
    onError: () => undefined,
  });
  const secret = make.data?.secret;
  return (
    // A stray click beside the dialog must not lose the only sight of the secret.
    <Modal opened onClose={onClose} size={480} title={secret ? t('security.tokenMade') : t('security.newToken')} closeOnClickOutside={!secret} closeOnEscape={!secret} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {secret ? (
        <ShownSecret label={t('security.token')} secret={secret} onDone={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <TextInput data-autofocus required label={t('security.tokenName')} placeholder={t('security.tokenNameHint')} maxLength={100} value={name} error={make.error ? errorMessage(make.error) : undefined} onChange={(event) => setName(event.currentTarget.value)} />
          <NativeSelect
            mt="md"
            label={t('security.lifetime')}
            value={days ?? ''}
            onChange={(event) => setDays(event.currentTarget.value ? Number(event.currentTarget.value) : null)}
            data={[...LIFETIMES.map((value) => ({ value: String(value), label: t('security.days', { count: value }) })), { value: '', label: t('security.untilRevoked') }]}
          />
          <Checkbox mt="md" label={t('apps.mayWrite')} description={t('security.mayWriteHelp')} checked={mayWrite} onChange={(event) => setMayWrite(event.currentTarget.checked)} />
          <Row justify="flex-end" gap={8} mt="lg">
            <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
            <Button type="submit" loading={make.isPending} disabled={!name.trim()}>{t('security.createToken')}</Button>
          </Row>
        </form>
      )}
    </Modal>
  );
}
