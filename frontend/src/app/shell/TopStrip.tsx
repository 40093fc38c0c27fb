import { useEffect } from 'react';

import { stopViewingAs } from '@/api/security';
import { useT } from '@/i18n';
import { useSession, type Workspace } from '@/metadata';
import { formatTime } from '@/ui/formatting';
import classes from './TopStrip.module.css';

const DAY_MS = 86_400_000;
/** From here on the trial strip is amber instead of quiet. */
const URGENT_DAYS = 3;

/** Days until an instant, a begun day counts, never negative. */
export const daysUntil = (instant: string, now = Date.now()): number => Math.max(0, Math.ceil((Date.parse(instant) - now) / DAY_MS));

const isTrial = (workspace: Workspace) => /^trial/.test(workspace.state) && !!workspace.trial_ends_at;
const isPastDue = (workspace: Workspace) => /past_due|grace/.test(workspace.state);
/** Whether nothing can be changed in the workspace for now: trial over, or not paid. */
export const isReadOnly = (workspace: Workspace) => workspace.read_only != null || /suspended|expired/.test(workspace.state);

const pastDueWords = ({ dispute }: Workspace) => (dispute === 'lost' ? 'shell.dispute.lost' : dispute ? 'shell.dispute.open' : 'shell.pastDue');

/** What matters above everything: where one is, and one line more. */
export function TopStrip({ online }: { online: boolean }) {
  const t = useT();
  const { workspace } = useSession();
  return (
    <>
      {workspace.sandbox && <Strip kind="amber">{t('shell.sandbox')}</Strip>}
      <News online={online} />
    </>
  );
}

/** One line, only for things that matter. */
function News({ online }: { online: boolean }) {
  const t = useT();
  const { workspace, user, view_as: viewing, support, csrf_token: token } = useSession();
  if (viewing) return <ViewingStrip name={user.name} until={viewing.until} />;
  if (!online) return <Strip kind="amber">{t('ui.offline')}</Strip>;
  if (support) {
    return (
      <Strip kind="red" action={[t('shell.support.leave'), () => void leaveSupport(token)]}>
        {t(support.may_write ? 'shell.support.write' : 'shell.support.read', { operator: support.operator, until: formatTime(support.until) })}
      </Strip>
    );
  }
  if (isReadOnly(workspace)) {
    const unpaid = workspace.state === 'suspended';
    return <Strip kind="red" link={user.is_admin ? ['/billing/', t(unpaid ? 'shell.pastDue.fix' : 'shell.trial.plans')] : undefined}>{t(unpaid ? 'shell.suspended' : 'shell.readOnly')}</Strip>;
  }
  // Only administrators can do something about an open invoice, and not in a sandbox; everybody else would only worry.
  if (isPastDue(workspace)) {
    if (!user.is_admin || workspace.sandbox) return null;
    // no clock follows a dispute: where one does, it is an open invoice that counts
    const days = workspace.next_state_at ? daysUntil(workspace.next_state_at) : null;
    const words = days === null ? t(pastDueWords(workspace)) : t('shell.pastDue.days', { count: days });
    return <Strip kind="amber" link={['/billing/', t('shell.pastDue.fix')]}>{words}</Strip>;
  }
  // a sandbox lives and ends with its parent
  if (isTrial(workspace) && !workspace.sandbox) {
    const days = daysUntil(workspace.trial_ends_at!);
    return (
      <Strip kind={days <= URGENT_DAYS ? 'amber' : 'quiet'} link={user.is_admin ? ['/billing/', t('shell.trial.plans')] : undefined}>
        {t('shell.trial', { count: days })}
      </Strip>
    );
  }
  return null;
}

/** While an administrator looks as somebody else: says so on every page, and ends it. */
function ViewingStrip({ name, until }: { name: string; until: string }) {
  const t = useT();
  useEffect(() => {
    // when the time is over everything is read anew with one's own rights
    const left = Math.max(0, Date.parse(until) - Date.now()) + 1000;
    const timer = window.setTimeout(() => location.reload(), left);
    return () => window.clearTimeout(timer);
  }, [until]);
  const stop = async () => {
    await stopViewingAs();
    location.assign('/settings/users');
  };
  return (
    <div className={`${classes.strip} k-no-print`} data-kind="amber" role="status">
      <span>{t('shell.viewAs', { name, until: formatTime(until) })}</span>
      <button type="button" className={classes.stop} onClick={() => void stop()}>
        {t('shell.viewAs.stop')}
      </button>
    </div>
  );
}

/** Ends the support session; the page behind is the log-in page then. */
async function leaveSupport(token: string): Promise<void> {
  await fetch('/support/leave/', { method: 'POST', headers: { 'X-CSRFToken': token } });
  location.assign('/login/');
}

function Strip({ kind, link, action, children }: { kind: 'quiet' | 'amber' | 'red'; link?: [string, string]; action?: [string, () => void]; children: string }) {
  return (
    <div className={`${classes.strip} k-no-print`} data-kind={kind} role="status">
      <span>{children}</span>
      {link && <a href={link[0]}>{link[1]}</a>}
      {action && (
        <button type="button" onClick={action[1]}>
          {action[0]}
        </button>
      )}
    </div>
  );
}
