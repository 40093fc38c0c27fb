import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { exportAudit, readAudit, type AuditQuery } from '@/api/security';
import type { Ref } from '@/api/types';
import { LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { AuditRow } from './AuditRow';

const KINDS = ['login', 'export', 'rights'] as const;
const SOURCES = ['screen', 'api', 'import', 'rule', 'system', 'job'] as const;

/** The audit: filters, list, export, putting a value back (PLT-41). */
export default function AuditSection() {
  const t = useT();
  const session = useSession();
  const [query, setQuery] = useState<AuditQuery>({});
  const [user, setUser] = useState<Ref | null>(null);
  const set = (change: AuditQuery) => setQuery((now) => Object.fromEntries(Object.entries({ ...now, ...change }).filter(([, value]) => value)));
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ signal, pageParam }) => readAudit(query, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
  const rows = data?.pages.flatMap((page) => page.rows) ?? [];
  const objects = [...session.objects].sort((a, b) => a.label_plural.localeCompare(b.label_plural));
  const save = useMutation({
    mutationFn: () => exportAudit(query),
    onSuccess: ({ file, rows: count }) => toast({ kind: 'success', message: t('audit.exported', { count }), action: { label: t('audit.download'), run: () => location.assign(file.url) } }),
    onError: (problem) => toast({ kind: 'error', message: errorMessage(problem) }),
  });
  return (
    <SectionFrame
      wide
      title={t('audit.title')}
      documentTitle={t('audit.title')}
      intro={t('audit.intro')}
      actions={
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.75} />} loading={save.isPending} onClick={() => save.mutate()}>
          {t('audit.export')}
        </Button>
      }
    >
      <div className={classes.filters}>
        <NativeSelect label={t('audit.kind')} data={[{ value: '', label: t('audit.kind.all') }, ...KINDS.map((kind) => ({ value: kind, label: t(`audit.kind.${kind}`) }))]} onChange={(event) => set({ kind: event.currentTarget.value })} />
        <NativeSelect label={t('audit.object')} data={[{ value: '', label: t('audit.anyObject') }, ...objects.map((object) => ({ value: object.name, label: object.label_plural }))]} onChange={(event) => set({ object: event.currentTarget.value })} />
        <LookupPicker
          label={t('audit.user')}
          frame={{ label: t('audit.user'), size: 'sm' }}
          targets={['user']}
          value={user}
          onChange={(ref) => {
            setUser(ref);
            set({ user: ref?.id });
          }}
        />
        <NativeSelect label={t('audit.source')} data={[{ value: '', label: t('audit.anySource') }, ...SOURCES.map((source) => ({ value: source, label: t(`audit.source.${source}`) }))]} onChange={(event) => set({ source: event.currentTarget.value })} />
        <TextInput type="date" label={t('audit.from')} onChange={(event) => set({ from: event.currentTarget.value })} />
        <TextInput type="date" label={t('audit.to')} onChange={(event) => set({ to: event.currentTarget.value })} />
      </div>
      {data?.pages[0] && <p className="k-meta">{data.pages[0].retention_days === null ? t('audit.keptForever') : t('audit.kept', { days: data.pages[0].retention_days })}</p>}
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={8} height={44} />}
      {data && !rows.length && <p className="k-meta">{t('audit.none')}</p>}
      {rows.map((entry) => (
        <AuditRow key={entry.id} entry={entry} />
      ))}
      {hasNextPage && (
        <Button mt="md" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('audit.more')}
        </Button>
      )}
    </SectionFrame>
  );
}
