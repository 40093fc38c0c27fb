import type { ColumnMapping, ImportColumn, ImportTarget } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import { formatDate, formatNumber } from '@/ui';
import { fittingFormats, formatLabel, otherReading, readDate } from './dates';
import classes from './import.module.css';
import { hasValuePage, isDate, isNumber, isReference, scaled } from './mapping';

const SCALES: [string, Key][] = [['1', 'import.scale.one'], ['1000', 'import.scale.thousand'], ['1000000', 'import.scale.million'], ['1000000000', 'import.scale.billion']];
/** What becomes of rows that name a record nobody knows. */
export const MISSING: [NonNullable<ColumnMapping['on_missing']>, Key][] = [['error', 'import.missing.error'], ['create', 'import.missing.create'], ['empty', 'import.missing.empty']];
const LOOKUP_BY: [string, Key][] = [['name', 'import.lookup.name'], ['email', 'import.lookup.email'], ['external_key', 'import.lookup.externalKey'], ['id', 'import.lookup.id']];

export interface ColumnOptionsProps {
  column: ImportColumn;
  target: ImportTarget;
  mapped: ColumnMapping;
  onChange: (column: ColumnMapping) => void;
  onValues: () => void;
}

/** How a column's text is to be read for its target: date format, scale, how to find records, values. */
export function ColumnOptions({ column, target, mapped, onChange, onValues }: ColumnOptionsProps) {
  const t = useT();
  const mappedValues = Object.keys(mapped.values ?? {}).length;
  return (
    <div className={classes.columnOptions}>
      {isDate(target) && <DateOptions column={column} mapped={mapped} onChange={onChange} />}
      {isNumber(target) && <NumberOptions column={column} target={target} mapped={mapped} onChange={onChange} />}
      {isReference(target) && (
        <>
          {target.type !== 'owner' && (
            <label>
              {t('import.findBy')}
              <select value={mapped.lookup_by ?? 'name'} onChange={(event) => onChange({ ...mapped, lookup_by: event.currentTarget.value === 'name' ? null : event.currentTarget.value })}>
                {LOOKUP_BY.map(([value, label]) => (
                  <option key={value} value={value}>
                    {t(label)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label>
            {t('import.ifMissing')}
            <select value={mapped.on_missing ?? 'error'} onChange={(event) => onChange({ ...mapped, on_missing: event.currentTarget.value as ColumnMapping['on_missing'] })}>
              {MISSING.map(([value, label]) => (
                <option key={value} value={value}>
                  {t(label)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {hasValuePage(target, mapped) && (
        <button type="button" className={`k-link ${classes.textButton}`} onClick={onValues}>
          {mappedValues ? t('import.valuesMapped', { count: mappedValues }) : t('import.mapValues')}
        </button>
      )}
    </div>
  );
}

function DateOptions({ column, mapped, onChange }: Pick<ColumnOptionsProps, 'column' | 'mapped' | 'onChange'>) {
  const t = useT();
  const formats = fittingFormats(column.samples, column.date_formats);
  const shown = mapped.date_format && !formats.includes(mapped.date_format) ? [mapped.date_format, ...formats] : formats;
  const example = column.samples.find((sample) => sample.trim()) ?? '';
  // The server looked at every value of the column; only without its word the few samples decide.
  const other = mapped.date_format ? otherReading(column.samples, mapped.date_format, column.date_formats.length ? column.date_formats : formats) : null;
  const read = mapped.date_format ? readDate(example, mapped.date_format) : null;
  return (
    <>
      <label>
        {t('import.dateFormat')}
        <select value={mapped.date_format ?? ''} onChange={(event) => onChange({ ...mapped, date_format: event.currentTarget.value })}>
          {!mapped.date_format && <option value="">{t('import.chooseFormat')}</option>}
          {shown.map((format) => (
            <option key={format} value={format}>
              {formatLabel(format)}
            </option>
          ))}
        </select>
      </label>
      {example && (
        <span className={read ? classes.example : classes.unsure}>
          {read ? t('import.reads', { from: example, to: formatDate(read) }) : t('import.doesNotRead', { from: example })}
        </span>
      )}
      {other && <span className={classes.unsure}>{t('import.ambiguousDate', { other: formatDate(other) })}</span>}
    </>
  );
}

function NumberOptions({ column, target, mapped, onChange }: Pick<ColumnOptionsProps, 'column' | 'target' | 'mapped' | 'onChange'>) {
  const t = useT();
  const example = column.samples.find((sample) => sample.trim()) ?? '';
  const scale = String(mapped.scale ?? '1');
  const becomes = scaled(plainNumber(example, !!mapped.decimal_comma), scale);
  // Years and headcounts are whole; figures "in millions" are amounts.
  const scalable = target.type !== 'int' || scale !== '1';
  const separators = column.samples.some((sample) => /[.,]/.test(sample));
  return (
    <>
      {scalable && (
      <label>
        {t('import.scale')}
        <select value={scale} onChange={(event) => onChange({ ...mapped, scale: event.currentTarget.value === '1' ? null : event.currentTarget.value })}>
          {SCALES.map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </select>
      </label>
      )}
      {separators && (
        <label>
          {t('import.decimals')}
          <select value={mapped.decimal_comma ? ',' : '.'} onChange={(event) => onChange({ ...mapped, decimal_comma: event.currentTarget.value === ',' })}>
            <option value=".">1,234.56</option>
            <option value=",">1.234,56</option>
          </select>
        </label>
      )}
      {becomes && (separators || scale !== '1') && <span className={classes.example}>{t('import.reads', { from: example, to: formatNumber(becomes) })}</span>}
    </>
  );
}

/** The sample without grouping and currency signs, with a point for decimals. */
const plainNumber = (text: string, comma: boolean): string => {
  const bare = text.replace(/[^\d.,-]/g, '');
  return comma ? bare.replace(/\./g, '').replace(',', '.') : bare.replace(/,/g, '');
};
