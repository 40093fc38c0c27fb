import type { ImportDocument } from '@/api/imports';
import { useT } from '@/i18n';
import { useObjects, type ObjectSummary } from '@/metadata';
import { ObjectIcon } from '@/ui';
import { Loader } from '@mantine/core';
import { useState } from 'react';
import classes from './import.module.css';
import type { ImportEditor } from './useImport';

/** From this score on a guess is called one. */
const GUESSED = 0.3;
const ENCODINGS = ['utf-8', 'utf-8-sig', 'cp1252', 'iso-8859-15', 'utf-16', 'cp1251', 'cp1250', 'mac_roman'];
const DELIMITERS: [string, string][] = [[',', ','], [';', ';'], ['\t', 'Tab'], ['|', '|']];

/** What the rows of the file are, and whether the file was read the way it was written. */
export function ObjectStep({ document, editor }: { document: ImportDocument; editor: ImportEditor }) {
  const t = useT();
  const objects = useObjects().filter((object) => object.privileges.import && object.features.includes('import'));
  const scoreOf = (object: ObjectSummary) => document.object_guesses.find((guess) => guess.object === object.name)?.score ?? 0;
  const sorted = [...objects].sort((a, b) => scoreOf(b) - scoreOf(a) || a.label_plural.localeCompare(b.label_plural));
  const best = sorted[0] && scoreOf(sorted[0]) >= GUESSED ? sorted[0].name : null;
  const likely = sorted.filter((object) => scoreOf(object) >= GUESSED || object.name === document.object).slice(0, 4);
  const [all, setAll] = useState(!likely.length);
  return (
    <div className={classes.narrow}>
      <section className={classes.block}>
        <h2>{t('import.whatIsIt')}</h2>
        <div className={classes.objects} role="radiogroup" aria-label={t('import.whatIsIt')}>
          {(all ? sorted : likely).map((object) => (
            <button key={object.name} type="button" role="radio" aria-checked={document.object === object.name} className={classes.objectCard} disabled={editor.saving} onClick={() => document.object !== object.name && void editor.setObject(object.name)}>
              <ObjectIcon name={object.icon} color={object.color} size={28} />
              <span className={classes.objectName}>
                {object.label_plural}
                {object.name === best && <span className={classes.guess}>{t('import.guessed')}</span>}
              </span>
            </button>
          ))}
          {editor.saving && <Loader size={16} />}
        </div>
        {!all && sorted.length > likely.length && (
          <button type="button" className={`k-link ${classes.textButton}`} onClick={() => setAll(true)}>
            {t('import.otherObjects')}
          </button>
        )}
      </section>
      <section className={classes.block}>
        <h2>{t('import.howRead')}</h2>
        <Format document={document} editor={editor} />
        <Preview document={document} />
      </section>
    </div>
  );
}

function Format({ document, editor }: { document: ImportDocument; editor: ImportEditor }) {
  const t = useT();
  const { format } = document;
  const set = (change: Record<string, unknown>) => void editor.setFormat(change);
  const delimiters = DELIMITERS.some(([value]) => value === format.delimiter) || !format.delimiter ? DELIMITERS : [[format.delimiter, format.delimiter] as [string, string], ...DELIMITERS];
  const encodings = !format.encoding || ENCODINGS.includes(format.encoding) ? ENCODINGS : [format.encoding, ...ENCODINGS];
  return (
    <div className={classes.format}>
      {format.kind === 'csv' && (
        <>
          <label>
            {t('import.encoding')}
            <select value={format.encoding ?? ''} disabled={editor.saving} onChange={(event) => set({ encoding: event.currentTarget.value })}>
              {encodings.map((encoding) => (
                <option key={encoding} value={encoding}>
                  {encoding.toUpperCase()}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('import.delimiter')}
            <select value={format.delimiter ?? ''} disabled={editor.saving} onChange={(event) => set({ delimiter: event.currentTarget.value })}>
              {delimiters.map(([value, label]) => (
                <option key={value} value={value}>
                  {label === 'Tab' ? t('import.tab') : label}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {format.kind === 'xlsx' && (format.sheets?.length ?? 0) > 1 && (
        <label>
          {t('import.sheet')}
          <select value={format.sheet ?? ''} disabled={editor.saving} onChange={(event) => set({ sheet: event.currentTarget.value })}>
            {format.sheets!.map((sheet) => (
              <option key={sheet}>{sheet}</option>
            ))}
          </select>
        </label>
      )}
      {typeof format.header === 'boolean' && (
        <label className={classes.check}>
          <input type="checkbox" checked={format.header} disabled={editor.saving} onChange={(event) => set({ header: event.currentTarget.checked })} />
          {t('import.hasHeader')}
        </label>
      )}
      {document.notices?.map((notice) => (
        <p key={notice} className={classes.notice}>
          {notice}
        </p>
      ))}
    </div>
  );
}

/** The first values of each column, as they were read. */
function Preview({ document }: { document: ImportDocument }) {
  const rows = Math.max(0, ...document.columns.map((column) => column.samples.length));
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            {document.columns.map((column) => (
              <th key={column.index}>{column.header}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(rows, 3) }, (_, row) => (
            <tr key={row}>
              {document.columns.map((column) => (
                <td key={column.index} className={classes.sample}>
                  {column.samples[row] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
