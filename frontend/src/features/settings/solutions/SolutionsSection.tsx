import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowBackUp, IconDots, IconDownload, IconPackage, IconPackageExport, IconPencil, IconPlus, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { keys } from '@/api/keys';
import { readSolutions, removeSolution, rollBackImport, solutionFile, uninstallSolution, type Solution, type SolutionImport } from '@/api/solutions';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { confirm } from '@/ui/confirm';
import { formatDateTime } from '@/ui/formatting';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { refreshModel } from '../model/useDraft';
import { Group, SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { ImportPage } from './ImportPage';
import { Obstacles } from './Obstacles';
import { SolutionEditor } from './SolutionEditor';

/** Settings → Solutions: the list, `new`, `import`, or one by its id (PLT-12). */
export default function SolutionsSection({ rest }: { rest: string | null }) {
  if (rest === 'import') return <ImportPage />;
  return rest ? <SolutionEditor key={rest} id={rest === 'new' ? null : rest} /> : <SolutionList />;
}

function SolutionList() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.solutions, queryFn: ({ signal }) => readSolutions(signal), staleTime: 0 });
  const buttons = (
    <>
      <Button component="a" href="/settings/solutions/import" variant="default" leftSection={<IconUpload size={16} stroke={1.75} />}>{t('solutions.import')}</Button>
      <Button component="a" href="/settings/solutions/new" leftSection={<IconPlus size={16} stroke={1.75} />}>{t('solutions.new')}</Button>
    </>
  );
  return (
    <SectionFrame title={t('solutions.title')} documentTitle={t('solutions.title')} intro={t('solutions.intro')} actions={buttons}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={56} />}
      {data && !data.rows.length && <EmptyState compact icon={<IconPackage size={18} stroke={1.75} />} title={t('solutions.empty')} body={t('solutions.emptyBody')} />}
      {data && data.rows.length > 0 && (
        <div className={settings.card}>
          {data.rows.map((solution) => (
            <SolutionRow key={solution.id} solution={solution} />
          ))}
        </div>
      )}
      {data && data.imports.length > 0 && (
        <div style={{ marginTop: 32 }}>
          <Group title={t('solutions.imports')} help={t('solutions.importsHelp')} id="solution-imports">
            <div className={settings.card}>
              {data.imports.map((entry) => (
                <ImportRow key={entry.id} entry={entry} />
              ))}
            </div>
          </Group>
        </div>
      )}
    </SectionFrame>
  );
}

/** After anything that changes what is published: everything that shows it reads it again. */
function useRefresh() {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: keys.solutions });
    await refreshModel(client);
  };
}

function SolutionRow({ solution }: { solution: Solution }) {
  const t = useT();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const drop = useMutation({
    mutationFn: () => (solution.managed ? uninstallSolution(solution.id) : removeSolution(solution.id)),
    onSuccess: async () => {
      toast({ kind: 'success', message: t(solution.managed ? 'solutions.uninstalled' : 'solutions.removed', { name: solution.label }) });
      await refresh();
    },
    // Said below the row, item by item.
    onError: () => undefined,
  });
  const ask = async () => {
    const kind = solution.managed ? 'uninstall' : 'remove';
    const yes = await confirm({ title: t(`solutions.${kind}Title`, { name: solution.label }), body: t(`solutions.${kind}Body`), confirmLabel: t(`solutions.${kind}`), destructive: true });
    if (yes) drop.mutate();
  };
  const gone = solution.components.filter((component) => component.gone).length;
  return (
    <div>
      <div className={settings.cardRow}>
        <IconPackage size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
        <div className={settings.grow}>
          <div className={settings.cellLine}>
            {solution.managed ? <span>{solution.label}</span> : <a href={`/settings/solutions/${solution.id}`}>{solution.label}</a>}
            {solution.managed && <Chip label={t('solutions.managed')} color="indigo" title={t('solutions.managedHelp')} />}
          </div>
          <div className="k-meta">{[t('solutions.version', { version: solution.version }), t('solutions.count', { count: solution.components.length }), solution.components.some((one) => one.locked) && t('solutions.lockedCount', { count: solution.components.filter((one) => one.locked).length }), solution.description].filter(Boolean).join(' · ')}</div>
          {gone > 0 && <div style={{ color: 'var(--k-amber)' }}>{t('solutions.gone', { count: gone })}</div>}
        </div>
        {!solution.managed && (
          <Button component="a" size="xs" variant="default" href={solutionFile(solution.id, false)} leftSection={<IconDownload size={16} stroke={1.75} />}>{t('solutions.export')}</Button>
        )}
        {solution.managed && <Button size="xs" variant="default" loading={drop.isPending} onClick={() => void ask()}>{t('solutions.uninstall')}</Button>}
        {!solution.managed && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={32} loading={drop.isPending} aria-label={t('solutions.actions', { name: solution.label })}>
                <IconDots size={16} stroke={1.75} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => void navigate({ to: `/settings/solutions/${solution.id}` })}>{t('solutions.edit')}</Menu.Item>
              <Menu.Item component="a" href={solutionFile(solution.id, true)} leftSection={<IconPackageExport size={16} stroke={1.75} />}>{t('solutions.exportManaged')}</Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void ask()}>{t('solutions.remove')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {drop.error && <Obstacles error={drop.error} />}
    </div>
  );
}

function ImportRow({ entry }: { entry: SolutionImport }) {
  const t = useT();
  const refresh = useRefresh();
  const named = { name: entry.label, version: entry.version };
  const back = useMutation({
    mutationFn: () => rollBackImport(entry.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('solutions.rolledBack', named) });
      await refresh();
    },
    onError: () => undefined,
  });
  const ask = async () => {
    if (await confirm({ title: t('solutions.rollBackTitle', named), body: t('solutions.rollBackBody'), confirmLabel: t('solutions.rollBack'), destructive: true })) back.mutate();
  };
  return (
    <div>
      <div className={settings.cardRow}>
        <div className={settings.grow}>
          <div>{`${entry.label} ${entry.version}`}</div>
          <div className="k-meta">{`${t('solutions.importedBy', { when: formatDateTime(entry.imported_at), name: entry.by })} · ${t('solutions.changes', { count: entry.changes })}`}</div>
        </div>
        {entry.rolled_back_at && <Chip label={t('solutions.wasRolledBack')} color="gray" title={formatDateTime(entry.rolled_back_at)} />}
        {entry.can_roll_back && (
          <Button size="xs" variant="default" loading={back.isPending} leftSection={<IconArrowBackUp size={16} stroke={1.75} />} onClick={() => void ask()}>{t('solutions.rollBack')}</Button>
        )}
      </div>
      {back.error && <Obstacles error={back.error} />}
    </div>
  );
}
