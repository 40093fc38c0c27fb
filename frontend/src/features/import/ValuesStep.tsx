import { keys } from '@/api';
import { readImportValues, type ColumnMapping, type ImportDocument, type ImportTarget, type ImportValue } from '@/api/imports';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { ErrorState, formatNumber, SkeletonRows } from '@/ui';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { MISSING } from './ColumnOptions';
import classes from './import.module.css';
import { hasValuePage, isReference, withColumn } from './mapping';
import type { ImportEditor } from './useImport';
import { valueState } from './values';
import { ValueTarget } from './ValueTarget';

export interface ValuesStepProps {
  document: ImportDocument;
  entity: Entity;
  targets: ImportTarget[];
  editor: ImportEditor;
}

/** What single values of a column mean: options, states, people, and names that are spelt otherwise here. */
export function ValuesStep({ document, entity, targets, editor }: ValuesStepProps) {
  const t = useT();
  const { mapping } = editor;
  const columns = document.columns.flatMap((column) => {
    const mapped = mapping.columns[column.index];
    const target = targets.find((entry) => entry.name === mapped?.attribute);
    return mapped && target && hasValuePage(target, mapped) ? [{ column, mapped, target }] : [];
  });
  return (
    <div className={classes.narrow}>
      <p className={classes.lead}>{t('import.valuesHint', { objects: entity.label_plural })}</p>
      {columns.map(({ column, mapped, target }) => (
        <ColumnValues
          key={`${column.index}${mapped.attribute}`}
          id={document.id}
          index={column.index}
          header={column.header}
          target={target}
          entity={entity}
          mapped={mapped}
          onChange={(next) => editor.change({ mapping: withColumn(mapping, column.index, next) })}
          flush={editor.flush}
        />
      ))}
    </div>
  );
}

interface ColumnValuesProps {
  id: string;
  index: number;
  header: string;
  target: ImportTarget;
  entity: Entity;
  mapped: ColumnMapping;
  onChange: (column: ColumnMapping) => void;
  /** Saves what is pending, so that the server answers what a value is by itself. */
  flush: () => Promise<boolean>;
}

const SHOWN_AT_FIRST = 30;

function ColumnValues({ id, index, header, target, entity, mapped, onChange, flush }: ColumnValuesProps) {
  const t = useT();
  const [all, setAll] = useState(false);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [...keys.importOne(id), 'values', index, mapped.attribute, mapped.lookup_by ?? null],
    queryFn: ({ signal }) => readImportValues(id, index, signal),
    // The mapping is saved a moment after it was changed; what was guessed for the same attribute stays right.
    staleTime: Infinity,
  });
  const set = (value: string, next: unknown) => {
    const values = { ...mapped.values };
    if (next === undefined) delete values[value];
    else values[value] = next;
    onChange({ ...mapped, values });
    if (next === undefined) void flush().then(() => refetch());
  };
  if (error) return <ErrorState error={error} compact onRetry={() => void refetch()} />;
  const values = data?.values ?? [];
  const state = (value: ImportValue) => valueState(value, mapped);
  const open = values.filter((value) => state(value) === 'open');
  const guesses = open.filter((value) => value.guess);
  // What needs a decision first; values that are fine as they are do not need to be looked at.
  const sorted = [...values].sort((a, b) => Number(state(a) === 'known') - Number(state(b) === 'known') || b.count - a.count);
  const shown = all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  const accept = () => onChange({ ...mapped, values: { ...mapped.values, ...Object.fromEntries(guesses.map((value) => [value.value, value.guess!.target])) } });
  return (
    <section className={classes.block} aria-label={header}>
      <div className={classes.blockHead}>
        <h2>
          {header} → {target.label}
        </h2>
        <span className="k-meta">{isPending ? '' : open.length ? t('import.valuesOpen', { count: open.length }) : t('import.valuesAllKnown', { count: data?.distinct ?? values.length })}</span>
        <span className={classes.spacer} />
        {guesses.length > 0 && (
          <Button size="xs" variant="default" onClick={accept}>
            {t('import.acceptGuesses', { count: guesses.length })}
          </Button>
        )}
      </div>
      {open.length > 0 && isReference(target) && (
        <label className={classes.openChoice}>
          {t('import.openValues', { count: open.length })}
          <select value={mapped.on_missing ?? 'error'} onChange={(event) => onChange({ ...mapped, on_missing: event.currentTarget.value as ColumnMapping['on_missing'] })}>
            {MISSING.map(([option, label]) => (
              <option key={option} value={option}>
                {t(label)}
              </option>
            ))}
          </select>
        </label>
      )}
      {isPending ? (
        <SkeletonRows rows={4} />
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t('import.inFile')}</th>
              <th className={classes.right}>{t('import.rows')}</th>
              <th>{t('import.means')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((value) => (
              <tr key={value.value} data-open={state(value) === 'open' || undefined}>
                <td className={classes.valueText}>{value.value}</td>
                <td className={`${classes.right} k-num`}>{formatNumber(value.count)}</td>
                <td className={classes.targetCell}>
                  <ValueTarget value={value} target={target} entity={entity} mapped={mapped} onChange={(next) => set(value.value, next)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!all && sorted.length > SHOWN_AT_FIRST && (
        <button type="button" className={`k-link ${classes.textButton}`} onClick={() => setAll(true)}>
          {t('import.showAllValues', { count: sorted.length })}
        </button>
      )}
      {data?.truncated && <p className={classes.notice}>{t('import.valuesTruncated', { shown: values.length, total: data.distinct ?? 0 })}</p>}
      {open.length > 0 && isReference(target) && mapped.on_missing === 'create' && <p className={classes.notice}>{t('import.openCreated', { count: open.length })}</p>}
    </section>
  );
}
