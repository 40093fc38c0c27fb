import type { ColumnMapping, ImportColumn, ImportDocument, ImportTarget } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import type { Entity } from '@/metadata';
import { formatNumber } from '@/ui';
import { Select } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight } from '@tabler/icons-react';
import { ColumnOptions } from './ColumnOptions';
import { FixedValues } from './FixedValues';
import classes from './import.module.css';
import { columnFor, guessStrength, repairedMatch, unmappedColumns, withColumn, type MappingProblem } from './mapping';
import { SavedMaps } from './SavedMaps';
import type { ImportEditor } from './useImport';

const PROBLEM_KEYS: Record<MappingProblem['kind'], Key> = {
  nothing_mapped: 'import.problem.nothing', twice: 'import.problem.twice', required_missing: 'import.problem.required', gone: 'import.problem.gone', key_unmapped: 'import.problem.key', no_key: 'import.problem.noKey',
};

export interface ColumnsStepProps {
  document: ImportDocument;
  entity: Entity;
  targets: ImportTarget[];
  editor: ImportEditor;
  problems: MappingProblem[];
  onValues: () => void;
}

/** Which column becomes what: guesses to confirm, samples beside them, options where a type needs them. */
export function ColumnsStep({ document, entity, targets, editor, problems, onValues }: ColumnsStepProps) {
  const t = useT();
  const { mapping, match } = editor;
  const left = unmappedColumns(document.columns, mapping);
  const set = (index: number, column: ColumnMapping | null) => {
    const next = withColumn(mapping, index, column);
    editor.change({ mapping: next, match: repairedMatch(match, targets, next) });
  };
  const shown = problems.filter((problem) => problem.kind !== 'no_key' && problem.kind !== 'key_unmapped');
  return (
    <div className={classes.wide}>
      <div className={classes.blockHead}>
        <p className={classes.lead}>
          {t('import.mappedCount', { mapped: document.columns.length - left.length, total: document.columns.length, objects: entity.label_plural })}
          {left.length > 0 && <span className={classes.left}> {t('import.notImported', { columns: left.map((column) => column.header).join(', ') })}</span>}
        </p>
        <SavedMaps document={document} editor={editor} />
      </div>
      {shown.map((problem) => (
        <p key={`${problem.kind}${problem.attribute}`} className={classes.warning} data-blocking={problem.blocking || undefined}>
          <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
          {t(PROBLEM_KEYS[problem.kind], { label: problem.label ?? '', columns: (problem.columns ?? []).map((index) => document.columns.find((column) => column.index === index)?.header ?? index).join(', ') })}
        </p>
      ))}
      <div className={classes.scroll}>
        <table className={`${classes.table} ${classes.mapping}`}>
          <thead>
            <tr>
              <th>{t('import.column')}</th>
              <th aria-hidden className={classes.arrowCell} />
              <th>{t('import.becomes')}</th>
              <th>{t('import.options')}</th>
            </tr>
          </thead>
          <tbody>
            {document.columns.map((column) => (
              <ColumnRow
                key={column.index}
                column={column}
                rowCount={document.row_count}
                targets={targets}
                mapped={mapping.columns[column.index] ?? null}
                taken={mapping.columns}
                strength={guessStrength(column, mapping)}
                onChange={(next) => set(column.index, next)}
                onValues={onValues}
              />
            ))}
          </tbody>
        </table>
      </div>
      <FixedValues document={document} entity={entity} targets={targets} editor={editor} />
    </div>
  );
}

interface ColumnRowProps {
  column: ImportColumn;
  rowCount: number;
  targets: ImportTarget[];
  mapped: ColumnMapping | null;
  taken: Record<string, ColumnMapping>;
  strength: ReturnType<typeof guessStrength>;
  onChange: (column: ColumnMapping | null) => void;
  onValues: () => void;
}

function ColumnRow({ column, rowCount, targets, mapped, taken, strength, onChange, onValues }: ColumnRowProps) {
  const t = useT();
  const target = targets.find((entry) => entry.name === mapped?.attribute);
  const usedElsewhere = new Set(Object.entries(taken).filter(([index]) => Number(index) !== column.index).map(([, entry]) => entry.attribute));
  const choose = (name: string | null) => {
    const next = targets.find((entry) => entry.name === name);
    onChange(next ? (column.mapping?.attribute === next.name ? { ...columnFor(next, column), ...column.mapping } : columnFor(next, column)) : null);
  };
  const empty = column.filled !== undefined ? rowCount - column.filled : 0;
  return (
    <tr data-unmapped={!mapped || undefined}>
      <td>
        <div className={classes.header}>{column.header || t('import.noHeader', { number: column.index + 1 })}</div>
        <div className={classes.samples}>{column.samples.slice(0, 3).join(' · ') || t('import.emptyColumn')}</div>
        {empty > 0 && column.samples.length > 0 && <div className={classes.samples}>{t('import.emptyCells', { count: formatNumber(empty) })}</div>}
      </td>
      <td className={classes.arrowCell}>
        <IconArrowRight size={16} stroke={1.75} aria-hidden />
      </td>
      <td className={classes.targetCell}>
        <Select
          size="sm"
          searchable
          clearable
          aria-label={t('import.becomesOf', { column: column.header })}
          placeholder={t('import.leaveOut')}
          nothingFoundMessage={t('import.noAttribute')}
          value={mapped?.attribute ?? null}
          data={targets.map((entry) => ({ value: entry.name, label: entry.required ? `${entry.label} *` : entry.label, disabled: usedElsewhere.has(entry.name) }))}
          onChange={choose}
          clearButtonProps={{ 'aria-label': t('import.leaveOut') }}
        />
        {strength === 'unsure' && <div className={classes.unsure}>{t('import.unsure')}</div>}
      </td>
      <td>{mapped && target && <ColumnOptions column={column} target={target} mapped={mapped} onChange={onChange} onValues={onValues} />}</td>
    </tr>
  );
}
