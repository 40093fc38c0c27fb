import { IconAlertTriangle, IconInfoCircle, IconTool, IconX, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { readAnnouncements, type Announcement } from '@/api/announcements';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { usePreference } from '@/metadata';
import { dayOf, formatDateTime, formatTime } from '@/ui/formatting';
import { useIsPhone } from '@/ui/responsive';
import classes from './Announcements.module.css';

const EVERY_MS = 5 * 60_000;
/** More than this would push the work off the screen; the next one comes up when one is dismissed. */
const MOST = 2;
const MOST_ON_PHONE = 1;
const ICONS: Record<Announcement['kind'], Icon> = { info: IconInfoCircle, maintenance: IconTool, incident: IconAlertTriangle };

/** A notice comes back when there is news: an update is dismissed on its own. */
const mark = (row: Announcement) => (row.update ? `${row.id}@${row.update.at}` : row.id);

/** What the provider announces, above the page until it is dismissed or over. */
export default function Announcements() {
  const { data: rows = [] } = useQuery({ queryKey: keys.announcements, queryFn: ({ signal }) => readAnnouncements(signal), refetchInterval: EVERY_MS, staleTime: EVERY_MS, retry: false });
  const phone = useIsPhone();
  const [dismissed, setDismissed] = usePreference<string[]>('dismissed_announcements', []);
  const open = rows.filter((row) => !dismissed.includes(mark(row)));
  // Marks of notices that are over are forgotten with the next click.
  const dismiss = (row: Announcement) => setDismissed([...dismissed.filter((known) => rows.some((other) => mark(other) === known)), mark(row)]);
  return open.slice(0, phone ? MOST_ON_PHONE : MOST).map((row) => <Notice key={row.id} row={row} onDismiss={() => dismiss(row)} />);
}

function Notice({ row, onDismiss }: { row: Announcement; onDismiss: () => void }) {
  const t = useT();
  const KindIcon = ICONS[row.kind];
  const when = useSpan(row);
  return (
    <section className={`${classes.notice} k-no-print`} data-kind={row.kind} aria-label={t(`announcements.kind.${row.kind}`)}>
      <KindIcon size={16} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <strong>{row.title}</strong>
        {when && <span className={classes.when}>{when}</span>}
        <span className={classes.text}>{row.update ? t('announcements.update', { when: formatDateTime(row.update.at), text: row.update.text }) : row.text}</span>
        {row.status_url && <a href={row.status_url}>{t('announcements.status')}</a>}
      </div>
      <button type="button" onClick={onDismiss} aria-label={t('announcements.dismiss')} title={t('announcements.dismiss')}>
        <IconX size={16} stroke={1.75} aria-hidden />
      </button>
    </section>
  );
}

/** From when until when, the day said once where it is the same. */
function useSpan({ work_starts_at: from, work_ends_at: until }: Announcement): string {
  const t = useT();
  if (!from) return '';
  if (!until) return t('announcements.from', { from: formatDateTime(from) });
  return t('announcements.span', { from: formatDateTime(from), until: dayOf(from) === dayOf(until) ? formatTime(until) : formatDateTime(until) });
}
