import { Button, SegmentedControl } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { importSolution, previewSolution, type Decision, type Outcome, type PreviewComponent, type SolutionPreview } from '@/api/solutions';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { FileDrop } from '@/ui/FileDrop';
import { SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { refreshModel } from '../model/useDraft';
import { SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { componentName, idOf, keyOf, kindName } from './components';
import classes from './solutions.module.css';

const COLOR: Record<Outcome, string> = { add: 'green', change: 'blue', same: 'gray', conflict: 'orange', keep: 'gray', missing: 'red', invalid: 'red' };
/** What needs attention comes first. */
const ORDER: Outcome[] = ['missing', 'invalid', 'conflict', 'add', 'change', 'same'];
type Choice = Decision['decision'];

/** Choose a package, see what it would do, decide about conflicts, import. */
export function ImportPage() {
  const t = useT();
  const [file, setFile] = useState<File | null>(null);
  const preview = useMutation({ mutationFn: previewSolution });
  const read = (chosen: File) => {
    setFile(chosen);
    preview.mutate(chosen);
  };
  return (
    <SectionFrame title={t('solutions.import')} documentTitle={t('solutions.import')} intro={t('solutions.importIntro')} above={<a className={settings.crumb} href="/settings/solutions"><IconChevronLeft size={16} stroke={1.75} aria-hidden />{t('solutions.title')}</a>}>
      {preview.error && <div className={classes.alert} role="alert">{file ? `${file.name}: ${errorMessage(preview.error)}` : errorMessage(preview.error)}</div>}
      {!preview.data && <DropBox busy={preview.isPending ? (file?.name ?? '') : null} onFile={read} />}
      {preview.isPending && <SkeletonRows rows={4} />}
      {preview.data && file && (
        <Preview
          file={file}
          preview={preview.data}
          onOther={() => {
            preview.reset();
            setFile(null);
          }}
        />
      )}
    </SectionFrame>
  );
}

function DropBox({ busy, onFile }: { busy: string | null; onFile: (file: File) => void }) {
  const t = useT();
  return (
    <FileDrop accept=".zip" testId="solution-file" onFile={onFile} choose={t('solutions.choose')} loading={busy !== null}>
      <span className="k-meta">{busy !== null ? t('solutions.reading', { name: busy }) : t('solutions.dropHere')}</span>
    </FileDrop>
  );
}

function Preview({ file, preview, onOther }: { file: File; preview: SolutionPreview; onOther: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const conflicts = preview.components.filter((one) => one.outcome === 'conflict');
  // What would lose data cannot replace anything: ours stays.
  const choiceOf = (one: PreviewComponent): Choice | undefined => (one.problem ? 'keep' : choices[idOf(one)]);
  const open = conflicts.filter((one) => !choiceOf(one)).length;
  const blocked = preview.counts.missing + preview.counts.invalid + preview.problems.length > 0;
  const nothing = preview.counts.same === preview.components.length;
  const run = useMutation({
    mutationFn: () => importSolution(file, conflicts.map((one) => ({ ...keyOf(one), decision: choiceOf(one)! }))),
    onSuccess: async (made) => {
      toast({ kind: 'success', message: t('solutions.imported', { name: made.label, version: made.version }) });
      await client.invalidateQueries({ queryKey: keys.solutions });
      await refreshModel(client);
      await navigate({ to: '/settings/solutions' });
    },
  });
  const { solution } = preview;
  return (
    <>
      <div className={settings.card} style={{ marginBottom: 16 }}>
        <div className={settings.cardRow}>
          <div className={settings.grow}>
            <div className={settings.cellLine}>
              <strong>{solution.label}</strong>
              {solution.managed && <Chip label={t('solutions.managed')} color="indigo" title={t('solutions.managedHelp')} />}
            </div>
            <div className="k-meta">{[t('solutions.version', { version: solution.version }), solution.installed_version && t('solutions.replaces', { old: solution.installed_version }), solution.description].filter(Boolean).join(' · ')}</div>
          </div>
          <Button size="xs" variant="default" onClick={onOther}>{t('solutions.chooseOther')}</Button>
        </div>
      </div>
      <p className={classes.facts}>
        {ORDER.filter((outcome) => preview.counts[outcome] > 0).map((outcome) => (
          <Chip key={outcome} label={`${preview.counts[outcome]} ${t(`solutions.outcome.${outcome}`)}`} color={COLOR[outcome]} />
        ))}
      </p>
      {blocked && <div className={classes.alert} role="alert">{t('solutions.blocked')}</div>}
      {nothing && <p className={classes.note}>{t('solutions.nothingToDo')}</p>}
      {preview.problems.length > 0 && (
        <section className={classes.outcome}>
          <h3>{t('solutions.breaks')}</h3>
          <div className={settings.card}>
            {preview.problems.map((one) => (
              <div key={idOf(one)} className={classes.row}>
                <span className={classes.grow}>{componentName(t, one)}</span>
                <span className={classes.problem}>{one.problem.message}</span>
              </div>
            ))}
          </div>
        </section>
      )}
      {ORDER.map((outcome) => (
        <OutcomeList key={outcome} outcome={outcome} components={preview.components.filter((one) => one.outcome === outcome)} choiceOf={choiceOf} onChoose={(one, choice) => setChoices({ ...choices, [idOf(one)]: choice })} />
      ))}
      {run.error && <div className={classes.alert} role="alert">{errorMessage(run.error)}</div>}
      <div className={settings.saveBar}>
        <span>{open > 0 && t('solutions.undecided', { count: open })}</span>
        <Button component="a" variant="default" href="/settings/solutions">{t('solutions.cancel')}</Button>
        <Button disabled={blocked || open > 0} loading={run.isPending} onClick={() => run.mutate()}>{t('solutions.importNow')}</Button>
      </div>
    </>
  );
}

interface OutcomeListProps {
  outcome: Outcome;
  components: PreviewComponent[];
  choiceOf: (component: PreviewComponent) => Choice | undefined;
  onChoose: (component: PreviewComponent, choice: Choice) => void;
}

function OutcomeList({ outcome, components, choiceOf, onChoose }: OutcomeListProps) {
  const t = useT();
  if (!components.length) return null;
  const needed = [...new Set(components.flatMap((one) => one.needs))];
  return (
    <section className={classes.outcome}>
      <h3>
        <Chip dot label={t(`solutions.outcome.${outcome}`)} color={COLOR[outcome]} />
      </h3>
      {outcome === 'missing' && <p className={classes.note}>{t('solutions.missingHelp', { names: needed.slice(0, 10).join(', ') })}</p>}
      {outcome === 'conflict' && <p className={classes.note}>{t('solutions.conflictHelp')}</p>}
      <div className={settings.card}>
        {components.map((one) => (
          <div key={idOf(one)} className={classes.row}>
            <div className={classes.grow}>
              <div>{componentName(t, one)}</div>
              <div className="k-meta">{[kindName(t, one.kind), one.object_label].filter(Boolean).join(' · ')}</div>
              {one.needs.length > 0 && <div className={classes.problem}>{one.needs.join(', ')}</div>}
              {one.problem && <div className={classes.problem}>{one.problem.message}</div>}
            </div>
            {one.outcome === 'conflict' && (
              <SegmentedControl
                size="xs"
                aria-label={t('solutions.decide', { name: componentName(t, one) })}
                value={choiceOf(one) ?? ''}
                disabled={!!one.problem}
                data={[{ value: 'keep', label: t('solutions.keep') }, { value: 'replace', label: t('solutions.replace') }]}
                onChange={(choice) => onChoose(one, choice as Choice)}
              />
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
