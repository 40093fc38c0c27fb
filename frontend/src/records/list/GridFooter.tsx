import { useT } from '@/i18n';
import { formatNumber } from '@/ui';
import classes from './Grid.module.css';
import { formatSum } from './GridRow';
import type { ListModel } from './useListModel';

/** How many records there are; a capped number becomes exact on a click. */
export function TotalCount({ model }: { model: ListModel }) {
  const t = useT();
  const { total } = model;
  if (!total) return <span className="k-num">&nbsp;</span>;
  if (total.exact) return <span className="k-num">{t('lists.count', { count: total.value })}</span>;
  return (
    <button type="button" className={classes.countButton} title={t('lists.count.exactly')} onClick={model.countExactly}>
      {t('lists.count.capped', { count: formatNumber(total.value) })}
    </button>
  );
}

/** Below the rows: the count, and sums under their columns. A numeric column's sum is switched by clicking its place. */
export function GridFooter({ model, label }: { model: ListModel; label: string }) {
  const t = useT();
  const { columns, sums, summed, preferences, setPreferences } = model;
  const toggle = (name: string) =>
    setPreferences({ sums: summed.includes(name) ? summed.filter((entry) => entry !== name) : [...(preferences.sums ?? summed), name] });
  return (
    <div className={classes.footer} role="row" aria-label={label}>
      <div className={classes.first} role="gridcell">
        <TotalCount model={model} />
      </div>
      {columns.slice(1).map((column) => {
        const can = column.own && column.attribute?.aggregates.includes('sum');
        const shown = summed.includes(column.name);
        return (
          <div key={column.name} className={classes.cell} role="gridcell" data-numeric>
            {can && (
              <button
                type="button"
                className={classes.sumButton}
                tabIndex={-1}
                data-empty={!shown || undefined}
                title={shown ? `${t('lists.sum')}: ${formatSum(column, sums[column.name] ?? null)}` : t('lists.sum.show', { label: column.label })}
                onClick={() => toggle(column.name)}
              >
                {shown ? (
                  <>
                    <span className="k-visually-hidden">{t('lists.sum')}</span>
                    {formatSum(column, sums[column.name] ?? null)}
                  </>
                ) : (
                  t('lists.sum.add')
                )}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}
