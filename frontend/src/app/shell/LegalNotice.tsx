import { IconFileText } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { acceptLegal, readLegal, type LegalText } from '@/api/legal';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { formatDate } from '@/ui/formatting';
import { toast } from '@/ui/toast';
import classes from './Announcements.module.css';

/** Asks administrators to accept a legal text that changed; stays until one of them has. Nothing is blocked. */
export default function LegalNotice() {
  const { user, support, view_as: viewing } = useSession();
  const mine = user.is_admin && !support && !viewing;
  const { data: rows = [] } = useQuery({ queryKey: keys.legal, queryFn: ({ signal }) => readLegal(signal), staleTime: Infinity, retry: false, enabled: mine });
  return rows.map((row) => <Text key={row.document} row={row} />);
}

function Text({ row }: { row: LegalText }) {
  const t = useT();
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => acceptLegal(row),
    onSuccess: (rows) => {
      client.setQueryData(keys.legal, rows);
      toast({ message: t('legal.accepted', { title: row.title }), kind: 'success', id: 'legal' });
    },
  });
  return (
    <section className={`${classes.notice} k-no-print`} aria-label={row.title}>
      <IconFileText size={16} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <strong>{t(row.accepted ? 'legal.changed' : 'legal.new', { title: row.title })}</strong>
        <span className={classes.text}>{t(row.accepted ? 'legal.since' : 'legal.new_since', { date: formatDate(row.version) })}</span>
        <a href={row.url} target="_blank" rel="noopener noreferrer">
          {t('legal.read')}
        </a>
        <button type="button" className={classes.accept} disabled={accept.isPending} onClick={() => accept.mutate()}>
          {t('legal.accept')}
        </button>
      </div>
    </section>
  );
}
