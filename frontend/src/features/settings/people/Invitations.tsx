import { Button } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listInvitations, runInvitationAction } from '@/api/people';
import type { Invitation } from '@/api/types';
import { useT } from '@/i18n';
import { formatDate, formatRelative } from '@/ui/formatting';
import { ErrorState } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';
import { useRoles } from './useRoles';

const OVER = ['accepted', 'revoked', 'expired_and_removed'];

/** Invitations nobody has answered yet. */
export function Invitations() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.invitations, queryFn: ({ signal }) => listInvitations(signal) });
  const open = data?.filter((invitation) => !OVER.includes(invitation.state ?? '')) ?? [];
  return (
    <div style={{ marginTop: 32 }}>
      <Group title={t('users.invitations')} id="invitations">
        {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
        {data && !open.length && <p className={classes.help}>{t('users.noInvitations')}</p>}
        {open.length > 0 && (
          <div className={classes.card} style={{ marginTop: 12 }}>
            {open.map((invitation) => (
              <Row key={invitation.id} invitation={invitation} />
            ))}
          </div>
        )}
      </Group>
    </div>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const t = useT();
  const client = useQueryClient();
  const { roles } = useRoles();
  const { role } = invitation;
  const roleName = role && typeof role === 'object' ? role.name : roles?.find((entry) => entry.id === role)?.name;
  const action = useMutation({
    mutationFn: (name: 'resend' | 'revoke') => runInvitationAction(invitation.id, name),
    onSuccess: async (_answer, name) => {
      toast({ message: t(name === 'resend' ? 'users.resent' : 'users.revoked', { email: invitation.email }), kind: 'success' });
      await Promise.all([client.invalidateQueries({ queryKey: keys.invitations }), client.invalidateQueries({ queryKey: keys.recordsOf('users') })]);
    },
  });
  const facts = [
    roleName,
    invitation.licence === 'read_only' && t('users.licence.read_only'),
    invitation.created_at && t('users.sent', { when: formatRelative(invitation.created_at) }),
    invitation.expires_at && t('users.expires', { date: formatDate(invitation.expires_at) }),
  ].filter(Boolean);
  return (
    <div className={classes.cardRow}>
      <IconMail size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={classes.grow}>
        <div className="k-truncate">{invitation.email}</div>
        <div className="k-meta k-truncate">{facts.join(' · ')}</div>
      </div>
      <Button size="xs" variant="default" loading={action.isPending && action.variables === 'resend'} onClick={() => action.mutate('resend')}>
        {t('users.resend')}
      </Button>
      <Button size="xs" variant="subtle" color="gray" loading={action.isPending && action.variables === 'revoke'} onClick={() => action.mutate('revoke')}>
        {t('users.revoke')}
      </Button>
    </div>
  );
}
