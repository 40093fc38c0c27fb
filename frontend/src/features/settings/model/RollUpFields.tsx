import { NativeSelect } from '@mantine/core';

import type { AttributeDefinition } from '@/api/customization';
import { useT } from '@/i18n';
import type { Attribute, Entity } from '@/metadata';
import { FilterBuilder } from '@/records/filter';
import classes from './model.module.css';
import { useDraftEntity } from './useDraft';

const FUNCTIONS = ['count', 'sum', 'avg', 'min', 'max'] as const;
const NUMBERS = ['int', 'dec', 'float', 'money', 'duration'];

/** Fields of the related records a function can take. */
export function measuresOf(child: Entity, fn: string | undefined): Attribute[] {
  const kinds = fn === 'min' || fn === 'max' ? [...NUMBERS, 'date', 'datetime'] : NUMBERS;
  return child.attributes.filter((attribute) => kinds.includes(attribute.type) && !attribute.name.endsWith('_base') && attribute.name !== 'exchange_rate');
}

interface Props {
  object: string;
  definition: AttributeDefinition;
  errorOf: (field: string) => string | undefined;
  onChange: (change: AttributeDefinition) => void;
  /** How many conditions are not complete: they would not count. */
  onUnfinished: (count: number) => void;
}

/** Over which related records a roll-up runs, what it takes of them, and which of them count (PLT-3). */
export function RollUpFields({ object, definition, errorOf, onChange, onUnfinished }: Props) {
  const t = useT();
  const entity = useDraftEntity(object);
  const relation = entity?.relationships.find((entry) => entry.name === definition.relationship);
  const child = useDraftEntity(relation?.object);
  if (!entity) return null;
  if (!entity.relationships.length) return <p className="k-meta" style={{ margin: 0 }}>{t('rollUp.noRelated')}</p>;
  const measures = child ? measuresOf(child, definition.function) : [];
  return (
    <>
      <NativeSelect
        label={t('rollUp.over')}
        value={definition.relationship ?? ''}
        error={errorOf('relationship')}
        onChange={(event) => onChange({ relationship: event.currentTarget.value, measure: null, filter: null })}
        data={[...(definition.relationship ? [] : [{ value: '', label: t('rollUp.choose') }]), ...entity.relationships.map((entry) => ({ value: entry.name, label: entry.label }))]}
      />
      <div className={classes.pair}>
        <NativeSelect
          label={t('rollUp.function')}
          value={definition.function ?? 'count'}
          error={errorOf('function')}
          onChange={(event) => onChange({ function: event.currentTarget.value, measure: null })}
          data={FUNCTIONS.map((value) => ({ value, label: t(`rollUp.function.${value}`) }))}
        />
        {definition.function !== 'count' && (
          <NativeSelect
            label={t('rollUp.measure')}
            disabled={!child}
            value={definition.measure ?? ''}
            error={errorOf('measure')}
            onChange={(event) => onChange({ measure: event.currentTarget.value || null })}
            data={[...(definition.measure ? [] : [{ value: '', label: t('rollUp.choose') }]), ...measures.map((entry) => ({ value: entry.name, label: entry.label }))]}
          />
        )}
      </div>
      {child && (
        <fieldset className={classes.fieldset}>
          <legend>{t('rollUp.filter')}</legend>
          <FilterBuilder key={child.name} entity={child} filter={definition.filter ?? null} onChange={(filter, unfinished) => { onChange({ filter }); onUnfinished(unfinished); }} />
          {errorOf('filter') && <p className={classes.failure} role="alert">{errorOf('filter')}</p>}
        </fieldset>
      )}
      <p className="k-meta" style={{ margin: 0 }}>{t('rollUp.help')}</p>
    </>
  );
}
