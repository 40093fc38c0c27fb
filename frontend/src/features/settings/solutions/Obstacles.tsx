import { ApiError, errorMessage } from '@/api/errors';
import type { Component, SolutionUse } from '@/api/solutions';
import { useT, type Translate } from '@/i18n';
import { componentName, idOf } from './components';
import classes from './solutions.module.css';

const COUNTED = ['records', 'values', 'role_holders', 'profile_members'] as const;
const SHOWN = 20;

function textOf(t: Translate, use: SolutionUse): string {
  const counted = COUNTED.find((kind) => kind === use.kind);
  const what = counted ? t(`solutions.use.${counted}`, { count: use.count }) : t('solutions.use.other', { name: use.label });
  return t('solutions.use', { component: componentName(t, use.component), what });
}

/** Why a solution was not taken out or rolled back, item by item. */
export function Obstacles({ error }: { error: unknown }) {
  const t = useT();
  const details = error instanceof ApiError ? error.details : {};
  const uses = (details.uses as SolutionUse[] | undefined) ?? [];
  const changed = (error instanceof ApiError && error.code === 'solution.changed_since' ? (details.components as Component[] | undefined) : undefined) ?? [];
  return (
    <div className={classes.alert} role="alert" style={{ margin: '0 16px 12px' }}>
      {uses.length ? t('solutions.inUse') : changed.length ? t('solutions.changedSince') : errorMessage(error)}
      {(uses.length > 0 || changed.length > 0) && (
        <ul>
          {uses.slice(0, SHOWN).map((use, index) => (
            <li key={index}>{textOf(t, use)}</li>
          ))}
          {changed.slice(0, SHOWN).map((component) => (
            <li key={idOf(component)}>{componentName(t, component)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
