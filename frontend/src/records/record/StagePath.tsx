import { ApiError, errorMessage } from '@/api';
import { useT } from '@/i18n';
import { attributeOf } from '@/metadata';
import { Chip, toast } from '@/ui';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { MissingFieldsDialog } from './MissingFieldsDialog';
import { pathOf, type PathStep } from './path';
import classes from './path.module.css';
import { useOpenRecord } from './RecordContext';

/** The stages of a record; a click moves it. A gate that refuses opens a form with just what is missing (PEERS 5.5). */
export function StagePath() {
  const t = useT();
  const { entity, record, editability, save } = useOpenRecord();
  const [moving, setMoving] = useState<number | null>(null);
  const [missing, setMissing] = useState<{ step: PathStep; names: string[]; error: ApiError } | null>(null);
  const path = pathOf(entity, record);
  if (!path) return null;
  const readOnly = !editability.mayWrite || editability.closed || !!attributeOf(entity, path.attribute)?.read_only;

  const move = async (step: PathStep) => {
    if (step.position === 'current' || readOnly) return;
    setMoving(step.value);
    try {
      await save({ [path.attribute]: step.value });
    } catch (error) {
      const names = error instanceof ApiError ? error.fieldErrors.map((entry) => entry.field).filter((name): name is string => !!name && name !== path.attribute && !!attributeOf(entity, name)) : [];
      if (names.length) setMissing({ step, names, error: error as ApiError });
      else toast({ kind: 'error', message: errorMessage(error) });
    } finally {
      setMoving(null);
    }
  };

  return (
    <div className={classes.line}>
      <ol className={classes.path} aria-label={path.label}>
        {path.steps.map((step) => (
          <li key={step.value} className={classes.item}>
            <button
              type="button"
              className={classes.step}
              data-position={moving === step.value ? 'moving' : step.position}
              aria-current={step.position === 'current' ? 'step' : undefined}
              aria-disabled={readOnly || undefined}
              title={step.label}
              onClick={() => void move(step)}
            >
              {step.position === 'done' && <IconCheck size={16} stroke={2} aria-hidden />}
              <span className="k-truncate">{step.label}</span>
            </button>
          </li>
        ))}
      </ol>
      {path.end && <Chip label={path.end.label} color={path.end.color} />}
      {missing && (
        <MissingFieldsDialog
          title={t('record.path.gate', { stage: missing.step.label })}
          names={missing.names}
          fixed={{ [path.attribute]: missing.step.value }}
          error={missing.error}
          onClose={() => setMissing(null)}
        />
      )}
    </div>
  );
}
