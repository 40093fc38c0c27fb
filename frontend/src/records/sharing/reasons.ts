/** Why somebody can see a record, in words. */
import type { Reason } from '@/api/security';
import type { Key, Translate } from '@/i18n';
import { endText } from './ends';

/** The reasons in sentences, each once. */
export const reasonTexts = (t: Translate, reasons: Reason[]) => [...new Set(reasons.map((reason) => reasonText(t, reason)))];

export function reasonText(t: Translate, reason: Reason): string {
  if (reason.kind === 'owner') return t('record.why.owner');
  if (reason.kind === 'team') return t('record.why.team', { team: reason.team.name ?? '' });
  if (reason.kind === 'manager') return t('record.why.manager', { name: reason.of.name ?? '' });
  if (reason.kind === 'share') {
    if (reason.inherited_as) return t(reason.inherited_as === 'owner' ? 'record.why.inheritedOwner' : 'record.why.inheritedShare', { who: reason.principal.name ?? '' });
    const parts = { who: reason.principal.name ?? '', by: reason.by ?? '–', until: reason.until ? endText(reason.until) : '' };
    return reason.until ? t('record.why.shareUntil', parts) : t('record.why.share', parts);
  }
  const depth = t(`record.why.depth.${reason.depth}` as Key, { unit: reason.unit ?? '' });
  return reason.team ? t('record.why.roleTeam', { role: reason.role, team: reason.team, depth }) : t('record.why.role', { role: reason.role, depth });
}
