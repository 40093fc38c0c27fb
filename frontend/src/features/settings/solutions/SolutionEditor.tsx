import { ActionIcon, Button, Checkbox, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconLock, IconLockOpen, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { changeSolution, createSolution, readComponents, readSolution, type PickableComponent, type Solution } from '@/api/solutions';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { componentName, groupsOf, idOf, keyOf, kindName, missingNeeds, type ComponentGroup } from './components';
import classes from './solutions.module.css';

/** Make a solution or change one: what it is called, and what is in it. */
export function SolutionEditor({ id }: { id: string | null }) {
  const t = useT();
  const solution = useQuery({ queryKey: keys.solution(id ?? 'new'), queryFn: ({ signal }) => readSolution(id!, signal), enabled: id !== null, staleTime: 0 });
  const components = useQuery({ queryKey: keys.solutionComponents, queryFn: ({ signal }) => readComponents(signal), staleTime: 0 });
  const error = solution.error ?? components.error;
  const title = id ? (solution.data?.label ?? '') : t('solutions.new');
  return (
    <SectionFrame title={title} documentTitle={title || t('solutions.title')} above={<a className={settings.crumb} href="/settings/solutions"><IconChevronLeft size={16} stroke={1.75} aria-hidden />{t('solutions.title')}</a>}>
      {error && <ErrorState compact error={error} onRetry={() => void Promise.all([solution.refetch(), components.refetch()])} />}
      {!error && (!components.data || (id && !solution.data)) && <SkeletonRows rows={6} />}
      {components.data && (!id || solution.data) && <Editor solution={solution.data ?? null} all={components.data.rows} />}
    </SectionFrame>
  );
}

function Editor({ solution, all }: { solution: Solution | null; all: PickableComponent[] }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [label, setLabel] = useState(solution?.label ?? '');
  const [version, setVersion] = useState(solution?.version ?? '1.0');
  const [description, setDescription] = useState(solution?.description ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(solution?.components.filter((one) => !one.gone).map(idOf)));
  const [locked, setLocked] = useState<ReadonlySet<string>>(() => new Set(solution?.components.filter((one) => one.locked).map(idOf)));
  const [filter, setFilter] = useState('');
  const save = useMutation({
    mutationFn: () => {
      const body = { label, version, description, components: all.filter((one) => chosen.has(idOf(one))).map((one) => ({ ...keyOf(one), ...(locked.has(idOf(one)) ? { locked: true } : {}) })) };
      return solution ? changeSolution(solution.id, body) : createSolution(body);
    },
    onSuccess: async (made) => {
      toast({ kind: 'success', message: t('solutions.saved', { name: made.label }) });
      await client.invalidateQueries({ queryKey: keys.solutions });
      await navigate({ to: '/settings/solutions' });
    },
  });
  const choose = (components: PickableComponent[], on: boolean) => {
    const next = new Set(chosen);
    for (const component of components) {
      if (on) next.add(idOf(component));
      else next.delete(idOf(component));
    }
    setChosen(next);
  };
  const lock = (components: PickableComponent[], on: boolean) => {
    const next = new Set(locked);
    for (const component of components) {
      if (on) next.add(idOf(component));
      else next.delete(idOf(component));
    }
    setLocked(next);
  };
  const inside = all.filter((one) => chosen.has(idOf(one)));
  const lockedCount = inside.filter((one) => locked.has(idOf(one))).length;
  const needed = missingNeeds(all, chosen);
  const wanted = filter.trim().toLowerCase();
  const groups = groupsOf(t, all)
    .map((group) => ({ ...group, components: group.components.filter((one) => !wanted || `${group.label} ${componentName(t, one)} ${kindName(t, one.kind)}`.toLowerCase().includes(wanted)) }))
    .filter((group) => group.components.length);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (label.trim()) save.mutate();
      }}
    >
      <div className={classes.fields}>
        <TextInput label={t('solutions.name')} placeholder={t('solutions.nameHint')} required maxLength={100} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
        <TextInput label={t('solutions.versionLabel')} title={t('solutions.versionHelp')} required maxLength={27} pattern="[0-9]{1,6}(\.[0-9]{1,6}){0,3}" value={version} onChange={(event) => setVersion(event.currentTarget.value)} />
        <Textarea label={t('solutions.description')} autosize minRows={1} maxRows={5} maxLength={1000} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      </div>
      <h3 style={{ margin: '0 0 2px', fontSize: 14 }}>{t('solutions.components')}</h3>
      <p className={settings.help}>{t('solutions.componentsHelp')}</p>
      {inside.length > 0 && <Checkbox size="xs" mb={12} label={t('solutions.lockAll')} description={t('solutions.lockHelp')} checked={lockedCount === inside.length} indeterminate={lockedCount > 0 && lockedCount < inside.length} onChange={(event) => lock(inside, event.currentTarget.checked)} />}
      {all.length > 8 && <TextInput size="xs" mb={12} aria-label={t('solutions.filter')} placeholder={t('solutions.filter')} leftSection={<IconSearch size={16} stroke={1.75} />} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />}
      {!all.length && <p className="k-meta">{t('solutions.nothingYet')}</p>}
      {all.length > 0 && !groups.length && <p className="k-meta">{t('solutions.noneMatch')}</p>}
      {groups.map((group) => (
        <Choices key={group.object} group={group} chosen={chosen} locked={locked} onChoose={choose} onLock={lock} />
      ))}
      {save.error && <div className={classes.alert} role="alert">{errorMessage(save.error)}</div>}
      <div className={classes.foot}>
        {needed.length > 0 && (
          <div className={settings.strip} role="status" style={{ margin: '0 0 8px' }}>
            <span>{t('solutions.needed', { count: needed.length, names: needed.slice(0, 6).map((one) => componentName(t, one)).join(', ') + (needed.length > 6 ? ' …' : '') })}</span>
            <Button size="xs" variant="default" onClick={() => choose(needed, true)}>{t('solutions.addNeeded')}</Button>
          </div>
        )}
      <div className={settings.saveBar}>
        <span>{t('solutions.chosen', { count: chosen.size })}</span>
        <Button component="a" variant="default" href="/settings/solutions">{t('solutions.cancel')}</Button>
        <Button type="submit" disabled={!label.trim()} loading={save.isPending}>{t('solutions.save')}</Button>
      </div>
      </div>
    </form>
  );
}

interface ChoicesProps {
  group: ComponentGroup;
  chosen: ReadonlySet<string>;
  /** Components that cannot be changed where the solution is imported managed. */
  locked: ReadonlySet<string>;
  onChoose: (components: PickableComponent[], on: boolean) => void;
  onLock: (components: PickableComponent[], on: boolean) => void;
}

function Choices({ group, chosen, locked, onChoose, onLock }: ChoicesProps) {
  const t = useT();
  const count = group.components.filter((one) => chosen.has(idOf(one))).length;
  return (
    <fieldset className={classes.group}>
      <div className={classes.groupHead}>
        <Checkbox aria-label={t('solutions.chooseAll', { name: group.label })} checked={count === group.components.length} indeterminate={count > 0 && count < group.components.length} onChange={(event) => onChoose(group.components, event.currentTarget.checked)} />
        <span>{group.label}</span>
        <span className={classes.count}>{`${count}/${group.components.length}`}</span>
      </div>
      <div className={classes.choices}>
        {group.components.map((component) => {
          const on = locked.has(idOf(component));
          const lockLabel = t(on ? 'solutions.unlock' : 'solutions.lock', { name: componentName(t, component) });
          return (
            <div key={idOf(component)} className={classes.choiceLine}>
              <label className={classes.choice}>
                <Checkbox checked={chosen.has(idOf(component))} onChange={(event) => onChoose([component], event.currentTarget.checked)} />
                <span className={classes.name}>{componentName(t, component)}</span>
                <span className={classes.kind}>{kindName(t, component.kind)}</span>
              </label>
              {chosen.has(idOf(component)) && (
                <Tooltip label={lockLabel}>
                  <ActionIcon size={26} variant="subtle" color={on ? 'indigo' : 'gray'} aria-pressed={on} aria-label={lockLabel} onClick={() => onLock([component], !on)}>
                    {on ? <IconLock size={16} stroke={1.75} /> : <IconLockOpen size={16} stroke={1.75} />}
                  </ActionIcon>
                </Tooltip>
              )}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
