import type { ImportDocument } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import { useEntity } from '@/metadata';
import { ErrorState, formatNumber, PageFrame, SkeletonRows, toast } from '@/ui';
import { Button, Loader } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Suspense, useMemo } from 'react';
import { CheckStep } from './CheckStep';
import { ColumnsStep } from './ColumnsStep';
import classes from './import.module.css';
import { hasValuePage, importTargets, mappingProblems } from './mapping';
import { MatchStep } from './MatchStep';
import { ObjectStep } from './ObjectStep';
import { RunStep } from './RunStep';
import { isFinal, neighbourStep, openStep, STEPS, type Step } from './steps';
import { useImportAction, useImportDocument, useImportEditor } from './useImport';
import { ValuesStep } from './ValuesStep';

const STEP_LABELS: Record<Step, Key> = {
  object: 'import.step.object', columns: 'import.step.columns', values: 'import.step.values', match: 'import.step.match', check: 'import.step.check', run: 'import.step.run',
};

export interface WizardProps {
  id: string;
  /** The step in the address; the import decides when it names none it can show. */
  step: string | null;
  onStep: (step: Step | null) => void;
  onLeave: () => void;
}

/** One import from its file to its report. */
export function Wizard({ id, step, onStep, onLeave }: WizardProps) {
  const t = useT();
  const { data: document, error, refetch } = useImportDocument(id);
  const name = document?.file_name ?? t('import.title');
  return (
    <PageFrame
      fixed
      title={name}
      documentTitle={`${name} – ${t('import.title')}`}
      above={
        <a className="k-link" href="/import">
          {t('import.all')}
        </a>
      }
      tabs={document && <span className="k-meta">{t('import.rowCount', { count: document.row_count })}</span>}
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !document ? (
        <SkeletonRows />
      ) : document.state === 'reading' ? (
        <div className={classes.working} role="status">
          <Loader size={20} />
          <h2>{t('import.reading', { name: document.file_name })}</h2>
          <p>{t('import.mayLeave')}</p>
        </div>
      ) : document.state === 'failed' && document.error && !document.columns.length ? (
        <div className={classes.refusedFile} role="alert">
          <h2>{t('import.refusedTitle')}</h2>
          <p>{document.error.message}</p>
          <Button onClick={onLeave}>{t('import.otherFile')}</Button>
        </div>
      ) : (
        <Suspense fallback={<SkeletonRows />}>
          <Steps document={document} wanted={step} onStep={onStep} />
        </Suspense>
      )}
    </PageFrame>
  );
}

function Steps({ document, wanted, onStep }: { document: ImportDocument; wanted: string | null; onStep: (step: Step | null) => void }) {
  const t = useT();
  const current = openStep(document, wanted);
  const editor = useImportEditor(document);
  return (
    <div className={classes.wizard}>
      {document.object && current !== 'object' ? (
        <Mapped key={document.object} document={document} object={document.object} current={current} editor={editor} onStep={onStep} />
      ) : (
        <>
          <StepBar current="object" reached={() => false} onStep={() => undefined} />
          <div className={classes.content}>
            <ObjectStep document={document} editor={editor} />
          </div>
          <div className={classes.footer}>
            <span className={classes.spacer} />
            <Button disabled={!document.object || editor.saving} loading={editor.saving} onClick={() => onStep('columns')}>
              {t('import.next')}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

interface MappedProps {
  document: ImportDocument;
  object: string;
  current: Step;
  editor: ReturnType<typeof useImportEditor>;
  onStep: (step: Step | null) => void;
}

/** The steps that need to know the object. */
function Mapped({ document, object, current, editor, onStep }: MappedProps) {
  const t = useT();
  const entity = useEntity(object);
  const action = useImportAction(document.id);
  const targets = useMemo(() => importTargets(document, entity, t('import.stageOrState'), t('import.recordId')), [document, entity, t]);
  const problems = mappingProblems(targets, editor.mapping, editor.match);
  const hasValues = Object.values(editor.mapping.columns).some((column) => hasValuePage(targets.find((target) => target.name === column.attribute), column));
  const blocked = current === 'columns' ? problems.some((problem) => problem.blocking && problem.kind !== 'key_unmapped' && problem.kind !== 'no_key') : problems.some((problem) => problem.blocking);
  const final = isFinal(document);
  const next = neighbourStep(current, 1, hasValues);

  const forward = async () => {
    if (!(await editor.flush())) return;
    if (next !== 'check') return onStep(next);
    if (await action.start('check')) onStep('check');
  };
  const jump = async (step: Step) => {
    if (step === 'check') {
      if (blocked) return toast({ kind: 'info', message: t('import.fixFirst') });
      return void (document.state === 'checked' && (await editor.flush()) ? onStep('check') : (await editor.flush()) && (await action.start('check')) && onStep('check'));
    }
    await editor.flush();
    onStep(step);
  };

  const content = {
    object: () => <ObjectStep document={document} editor={editor} />,
    columns: () => <ColumnsStep document={document} entity={entity} targets={targets} editor={editor} problems={problems} onValues={() => void jump('values')} />,
    values: () => <ValuesStep document={document} entity={entity} targets={targets} editor={editor} />,
    match: () => <MatchStep entity={entity} targets={targets} editor={editor} />,
    check: () => <CheckStep document={document} entity={entity} targets={targets} onStep={onStep} />,
    run: () => <RunStep document={document} entity={entity} targets={targets} onStep={onStep} />,
  }[current];

  return (
    <>
      <StepBar current={current} hidden={hasValues ? [] : ['values']} reached={(step) => !final && step !== 'run'} onStep={(step) => void jump(step)} />
      <div className={classes.content}>{content()}</div>
      {!final && current !== 'check' && current !== 'run' && (
        <div className={classes.footer}>
          <Button variant="default" onClick={() => void jump(neighbourStep(current, -1, hasValues) ?? 'object')}>
            {t('ui.back')}
          </Button>
          <span className={classes.spacer} />
          {editor.saving && <span className="k-meta">{t('ui.saving')}</span>}
          <Button disabled={blocked} loading={action.running === 'check'} onClick={() => void forward()}>
            {next === 'check' ? t('import.checkNow', { count: formatNumber(document.row_count) }) : t('import.next')}
          </Button>
        </div>
      )}
    </>
  );
}

interface StepBarProps {
  current: Step;
  hidden?: Step[];
  /** Whether a click may go there. */
  reached: (step: Step) => boolean;
  onStep: (step: Step) => void;
}

function StepBar({ current, hidden = [], reached, onStep }: StepBarProps) {
  const t = useT();
  const shown = STEPS.filter((step) => !hidden.includes(step));
  return (
    <ol className={classes.steps} aria-label={t('import.steps')}>
      {shown.map((step, index) => {
        const done = shown.indexOf(current) > index;
        return (
          <li key={step}>
            <button type="button" className={classes.step} aria-current={step === current ? 'step' : undefined} disabled={!reached(step) && step !== current} data-done={done || undefined} onClick={() => step !== current && onStep(step)}>
              <span className={classes.stepNumber}>{done ? <IconCheck size={16} stroke={2} aria-hidden /> : index + 1}</span>
              {t(STEP_LABELS[step])}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
