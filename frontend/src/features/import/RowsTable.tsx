import { errorMessage, keys } from '@/api';
import { correctImportRow, readImportRows, type ImportDocument, type ImportRow, type ImportRowStatus, type ImportTarget } from '@/api/imports';
import { useT } from '@/i18n';
import { findObject, recordPath, useSession } from '@/metadata';
import { Chip, ErrorState, formatNumber, SkeletonRows, toast } from '@/ui';
import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useState } from 'react';
import classes from './import.module.css';

type Page = Awaited<ReturnType<typeof readImportRows>>;

export interface RowsTableProps {
  document: ImportDocument;
  targets: ImportTarget[];
  status: ImportRowStatus;
  /** Cells may be typed over; the row is checked again at once. */
  editable?: boolean;
}

/** The rows of one outcome with their cells, what is wrong with them, and the record concerned. */
export function RowsTable({ document, targets, status, editable }: RowsTableProps) {
  const t = useT();
  const client = useQueryClient();
  const queryKey = [...keys.importOne(document.id), 'rows', status];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => readImportRows(document.id, { status, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next ?? null,
  });
  const columns = document.columns.filter((column) => document.mapping.columns[column.index]);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];

  const correct = async (row: ImportRow, index: number, text: string) => {
    try {
      const answer = await correctImportRow(document.id, row.number, { [index]: text });
      client.setQueryData<InfiniteData<Page>>(queryKey, (data) =>
        data && { ...data, pages: data.pages.map((page) => ({ ...page, rows: page.rows.map((entry) => (entry.number === row.number ? answer.row : entry)) })) },
      );
      client.setQueryData<ImportDocument>(keys.importOne(document.id), (before) => before && { ...before, stats: answer.stats });
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
      throw error;
    }
  };

  if (query.error) return <ErrorState error={query.error} compact onRetry={() => void query.refetch()} />;
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (!rows.length) return <p className={classes.nothing}>{t('import.noRows')}</p>;
  return (
    <>
      {editable && status === 'error' && <p className={classes.lead}>{t('import.correctHint')}</p>}
      <div className={classes.scroll}>
        <table className={`${classes.table} ${classes.rows}`}>
          <thead>
            <tr>
              <th className={classes.right}>{t('import.rowNumber')}</th>
              <th>{t('import.outcome')}</th>
              {columns.map((column) => (
                <th key={column.index} title={column.header}>
                  {targets.find((target) => target.name === document.mapping.columns[column.index]!.attribute)?.label ?? column.header}
                  {Number(document.mapping.columns[column.index]!.scale ?? 1) !== 1 && ` × ${formatNumber(document.mapping.columns[column.index]!.scale)}`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.number} data-status={row.status}>
                <td className={`${classes.right} k-num`}>{formatNumber(row.number)}</td>
                <td className={classes.outcome}>
                  <Outcome row={row} />
                </td>
                {columns.map((column) => {
                  const attribute = document.mapping.columns[column.index]!.attribute;
                  const problem = row.errors.find((error) => error.field === attribute || (!!error.field && error.field.split('.').includes(attribute)));
                  return (
                    <td key={column.index} className={classes.cell} data-wrong={!!problem || undefined}>
                      {editable ? (
                        <EditableCell
                          label={t('import.cell', { column: column.header, row: row.number })}
                          text={row.values[column.index] ?? ''}
                          problem={problem?.message}
                          onChange={(text) => correct(row, column.index, text)}
                        />
                      ) : (
                        (row.values[column.index] ?? '')
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('import.moreRows')}
          </Button>
        </div>
      )}
    </>
  );
}

function Outcome({ row }: { row: ImportRow }) {
  const t = useT();
  const session = useSession();
  const object = row.record ? findObject(session, row.record.object) : undefined;
  return (
    <>
      {row.errors.length === 0 && row.status === 'new' && <Chip dot color="green" label={t('import.count.new')} />}
      {row.errors.length === 0 && row.status === 'update' && <Chip dot color="blue" label={t('import.count.update')} />}
      {row.errors.map((error, index) => (
        <div key={index} className={row.status === 'error' || row.status === 'failed' ? classes.rowError : classes.rowHint}>
          {error.message}
        </div>
      ))}
      {row.record && object && (
        <a className={`k-link ${classes.recordLink}`} href={recordPath(object.plural, row.record.id)} target="_blank" rel="noreferrer">
          {row.record.name}
        </a>
      )}
    </>
  );
}

/** A cell that becomes an input when clicked; Enter saves, Escape gives up. */
function EditableCell({ label, text, problem, onChange }: { label: string; text: string; problem?: string; onChange: (text: string) => Promise<void> }) {
  const [draft, setDraft] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (draft === null || busy) return;
    if (draft === text) return setDraft(null);
    setBusy(true);
    try {
      await onChange(draft);
      setDraft(null);
    } catch {
      // The reason was shown; what was typed stays in the cell.
    } finally {
      setBusy(false);
    }
  };
  if (draft === null) {
    return (
      <button type="button" className={classes.cellButton} aria-label={label} title={problem} onClick={() => setDraft(text)}>
        <span className="k-truncate">{text || '\u00a0'}</span>
        <IconPencil size={16} stroke={1.75} aria-hidden />
      </button>
    );
  }
  return (
    <input
      className={classes.cellInput}
      aria-label={label}
      aria-invalid={!!problem}
      autoFocus
      value={draft}
      disabled={busy}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void save();
        if (event.key === 'Escape') {
          event.stopPropagation();
          setDraft(null);
        }
      }}
    />
  );
}
