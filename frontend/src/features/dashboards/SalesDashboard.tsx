/** The sales dashboard: pipeline, wins, leads, what is due. Every figure opens the list with the same filter and the same number. */
import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';

import type { AggregateAnswer, Filter } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, usePreference, type Entity } from '@/metadata';
import { colorName, EmptyState, ErrorState, formatMoney, formatting, formatTime, PageFrame } from '@/ui';
import { ChartTable, LineBars, TimeBars } from './charts/Bars';
import { Donut } from './charts/Donut';
import classes from './dashboards.module.css';
import { DueTile } from './DueTile';
import { aggregateOf, dueAttribute, dueFilter, openFilter, opportunityFilters } from './figures';
import { NumberTile } from './NumberTile';
import { allOf, drillPath, PERIODS, readScope, type Period, type Scope } from './scope';
import { ScopeBar } from './ScopeBar';
import { addAmounts, changeOf, timeSeries, topPoints, type Point, type Step } from './series';
import { Tile, TileEmpty } from './Tile';
import { usePeople, useSalesFigures } from './useSalesFigures';

const OPEN_COLUMNS = ['topic', 'customer', 'stage', 'estimated_revenue', 'weighted_revenue', 'estimated_close_date', 'owner'];
const WON_COLUMNS = ['topic', 'customer', 'actual_revenue', 'actual_close_date', 'product', 'owner'];
const MOST_SELLERS = 10;
/** Regions are few; their hues only tell them apart, the label says which. */
const REGION_HUES = ['blue', 'teal', 'violet', 'amber', 'pink', 'lime'];

/** Options of a choice attribute as points, in their own order, those without records included; records without a value last. */
function optionPoints(entity: Entity, name: string, answer: AggregateAnswer, none: string): Point[] {
  const attribute = attributeOf(entity, name);
  const point = (key: string | null, label: string, color: string | null): Point => {
    const group = answer.groups.find((entry) => entry.keys[0] === key);
    const amount = group?.values[1];
    return { key: key ?? '', label, color: color && colorName(color), value: Number(amount ?? 0), amount: amount == null ? null : String(amount), count: Number(group?.values[0] ?? 0), filter: group?.filter ?? null };
  };
  const known = (attribute?.options ?? []).map((option) => ({ option, point: point(String(option.value), option.label, option.color) }));
  const points = known.filter((entry) => entry.option.active || entry.point.count).map((entry) => entry.point);
  return answer.groups.some((group) => group.keys[0] === null) ? [...points, point(null, none, 'gray')] : points;
}

function bucketLabel(bucket: string, step: Step): string {
  if (step === 'year') return bucket.slice(0, 4);
  if (step === 'quarter') return `Q${Math.floor((Number(bucket.slice(5, 7)) - 1) / 3) + 1} ’${bucket.slice(2, 4)}`;
  return new Intl.DateTimeFormat(formatting().locale, { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(Date.parse(`${bucket}T00:00:00Z`));
}

interface Props {
  search: Record<string, unknown>;
  setSearch: (next: Record<string, unknown>, options?: { replace?: boolean }) => void;
}

export function SalesDashboard({ search, setSearch }: Props) {
  const t = useT();
  const [preferred, setPreferred] = usePreference<Period>('dashboard.sales.period', 'all');
  const scope = readScope(search, PERIODS.includes(preferred) ? preferred : 'all');
  const people = usePeople();
  const figures = useSalesFigures(scope, people);
  const [step, setStep] = useState<Step | 'auto'>('auto');
  const { data: answers, objects, whose, until } = figures;
  const { opportunity, lead, activities } = objects;
  const pending = objects.pending || figures.isPending;
  const stale = figures.isPlaceholderData;
  const retry = () => void figures.refetch();
  const setScope = (change: Partial<Scope>) => {
    if (change.period && change.period !== 'custom') setPreferred(change.period);
    setSearch({ ...change, whose: (change.whose ?? scope.whose) === 'all' ? null : (change.whose ?? scope.whose) }, { replace: true });
  };

  const filters = opportunity && opportunityFilters(opportunity, scope, whose);
  const answer = (key: string) => (answers ? aggregateOf(answers, key) : null);
  const errorOf = (key: string) => answers?.get(key)?.error ?? (answers ? null : figures.error);
  const shared = { pending, stale, onRetry: retry };
  const within = (base: Filter | undefined, point: Point, columns: string[], order: string) => (base && point.filter && opportunity ? drillPath(opportunity.plural, allOf(base, point.filter), columns, order) : null);
  const describe = (point: Point) => t('dashboards.point', { label: point.label, amount: formatMoney(point.amount ?? 0), count: point.count });
  const heads: [string, string, string] = [t('dashboards.table.what'), t('dashboards.table.amount'), t('dashboards.table.count')];

  const pipeline = answer('pipeline');
  const [openCount, openSum, weightedSum] = pipeline?.totals ?? [];
  const stagePoints = pipeline && opportunity ? optionPoints(opportunity, 'stage', pipeline, t('dashboards.noStage')) : [];
  const won = answer('won');
  const series = won ? timeSeries(won, 'actual_close_date', bucketLabel, step === 'auto' ? undefined : step) : null;
  const owners = answer('owners');
  const ownerPoints: Point[] = (owners?.groups ?? []).map((group) => ({ key: group.keys[0] ?? '', label: group.labels[0] || t('dashboards.noOwner'), value: Number(group.values[1] ?? 0), amount: String(group.values[1] ?? 0), count: Number(group.values[0] ?? 0), filter: group.filter ?? null, color: null }));
  const regions = [...new Set(people.flatMap((person) => person.region ?? []))].sort();
  const regionPoints: Point[] = regions.map((region, index) => {
    const ids = people.filter((person) => person.region === region).map((person) => person.id);
    const own = ownerPoints.filter((point) => ids.includes(point.key));
    const amount = addAmounts(own.map((point) => point.amount));
    return { key: region, label: region, value: Number(amount ?? 0), amount, count: own.reduce((sum, point) => sum + point.count, 0), filter: { attribute: 'owner', operator: 'in', value: ids }, color: REGION_HUES[index % REGION_HUES.length]! };
  });
  const leads = answer('leads');
  const leadPoints = leads && lead ? optionPoints(lead, 'rating', leads, t('dashboards.noRating')) : [];
  const [quarterCount, quarterSum] = answer('thisQuarter')?.totals ?? [];
  const change = changeOf(Number(quarterSum ?? 0), Number(answer('lastQuarter')?.totals[1] ?? 0));
  const quarterNote = [t('dashboards.deals', { count: Number(quarterCount ?? 0) }), change === null ? '' : t(change < 0 ? 'dashboards.less' : 'dashboards.more', { percent: Math.abs(change) })].filter(Boolean).join(' · ');
  const periodText = t(`dashboards.period.${scope.period}`);
  const leadHref = (point: Point) => (lead && point.filter ? drillPath(lead.plural, allOf(openFilter(lead), whose, point.filter)) : null);
  const leadDescribe = (point: Point) => t('dashboards.leadPoint', { label: point.label, count: point.count });
  const wonEmpty = (points: Point[]) =>
    points.some((point) => point.count) ? undefined : (
      <TileEmpty
        title={t('dashboards.won.none')}
        body={scope.period === 'all' ? t('dashboards.won.noneBody') : t('dashboards.won.nonePeriod', { period: periodText })}
        action={scope.period !== 'all' && <Button size="xs" variant="default" onClick={() => setScope({ period: 'all' })}>{t('dashboards.showAll')}</Button>}
      />
    );

  if (!objects.pending && !opportunity && !lead && !activities.length) {
    return (
      <PageFrame title={t('dashboards.sales')}>
        <EmptyState title={t('dashboards.noObjects')} body={t('dashboards.noObjectsBody')} />
      </PageFrame>
    );
  }
  return (
    <PageFrame
      title={t('dashboards.sales')}
      actions={<ScopeBar scope={scope} people={people} onChange={setScope} />}
    >
      {figures.error && !answers ? (
        <ErrorState error={figures.error} onRetry={retry} />
      ) : (
        <div className={classes.page}>
          {opportunity && filters && (
            <div className={classes.numbers}>
              <NumberTile label={t('dashboards.openPipeline')} amount={openSum ?? null} note={t('dashboards.opportunities', { count: Number(openCount ?? 0) })} href={drillPath(opportunity.plural, filters.open, OPEN_COLUMNS, '-estimated_revenue')} pending={pending} failed={!!errorOf('pipeline')} stale={stale} />
              <NumberTile label={t('dashboards.weighted')} amount={weightedSum ?? null} note={t('dashboards.weightedNote')} href={drillPath(opportunity.plural, filters.open, OPEN_COLUMNS, '-weighted_revenue')} pending={pending} failed={!!errorOf('pipeline')} stale={stale} />
              <NumberTile label={t('dashboards.wonQuarter')} amount={quarterSum ?? null} note={quarterNote} href={drillPath(opportunity.plural, filters.wonThisQuarter, WON_COLUMNS, '-actual_close_date')} pending={pending} failed={!!errorOf('thisQuarter')} stale={stale} />
              <NumberTile label={t('dashboards.wonPeriod', { period: periodText })} amount={won?.totals[1] ?? null} note={t('dashboards.deals', { count: Number(won?.totals[0] ?? 0) })} href={drillPath(opportunity.plural, filters.won, WON_COLUMNS, '-actual_close_date')} pending={pending} failed={!!errorOf('won')} stale={stale} />
            </div>
          )}
          <div className={classes.grid}>
            {opportunity && (
              <Tile
                {...shared}
                title={t('dashboards.pipeline')}
                meta={t('dashboards.openNow')}
                error={errorOf('pipeline')}
                empty={stagePoints.some((point) => point.count) ? undefined : <TileEmpty title={t('dashboards.pipeline.none')} body={t('dashboards.pipeline.noneBody')} action={<Button size="xs" component="a" href={`/${opportunity.plural}?create=${opportunity.name}`}>{t('dashboards.pipeline.create', { object: opportunity.label })}</Button>} />}
                table={<ChartTable points={stagePoints} heads={heads} hrefOf={(point) => within(filters?.open, point, OPEN_COLUMNS, '-estimated_revenue')} />}
              >
                <LineBars points={stagePoints} describe={describe} hrefOf={(point) => within(filters?.open, point, OPEN_COLUMNS, '-estimated_revenue')} />
              </Tile>
            )}
            {opportunity && (
              <Tile
                {...shared}
                title={t(series?.step === 'quarter' ? 'dashboards.won.quarter' : series?.step === 'year' ? 'dashboards.won.year' : 'dashboards.won.month')}
                meta={periodText}
                error={errorOf('won')}
                empty={wonEmpty(series?.points ?? [])}
                tools={
                  <SegmentedControl
                    size="xs"
                    aria-label={t('dashboards.step')}
                    value={series?.step ?? 'month'}
                    onChange={(value) => setStep(value as Step)}
                    data={(['month', 'quarter', 'year'] as const).map((value) => ({ value, label: t(`dashboards.step.${value}`) }))}
                  />
                }
                table={<ChartTable points={series?.points ?? []} heads={heads} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />}
              >
                <TimeBars points={series?.points ?? []} describe={describe} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />
              </Tile>
            )}
            {lead && (
              <Tile
                {...shared}
                title={t('dashboards.leads')}
                meta={t('dashboards.openNow')}
                error={errorOf('leads')}
                empty={leadPoints.some((point) => point.count) ? undefined : <TileEmpty title={t('dashboards.leads.none', { objects: lead.label_plural })} action={<Button size="xs" variant="default" component="a" href={`/${lead.plural}?create=${lead.name}`}>{t('dashboards.pipeline.create', { object: lead.label })}</Button>} />}
                table={<ChartTable onlyCount points={leadPoints} heads={heads} hrefOf={leadHref} />}
              >
                <Donut points={leadPoints} describe={leadDescribe} hrefOf={leadHref} total={Number(leads?.totals[0] ?? 0)} label={lead.label_plural} />
              </Tile>
            )}
            {activities.length > 0 && (
              <DueTile
                activities={activities}
                answers={answers}
                pending={pending}
                stale={stale}
                error={answers ? null : figures.error}
                onRetry={retry}
                listPath={(entity) => drillPath(entity.plural, dueFilter(entity, whose, until), [], dueAttribute(entity))}
              />
            )}
            {opportunity && (
              <Tile
                {...shared}
                wide={regionPoints.length < 2}
                title={t('dashboards.sellers')}
                meta={periodText}
                error={errorOf('owners')}
                empty={wonEmpty(ownerPoints)}
                table={<ChartTable points={topPoints(ownerPoints, Infinity, '')} heads={heads} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />}
              >
                <LineBars points={topPoints(ownerPoints, MOST_SELLERS, t('dashboards.others'))} describe={describe} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />
              </Tile>
            )}
            {opportunity && regionPoints.length > 1 && (
              <Tile {...shared} title={t('dashboards.regions')} meta={periodText} error={errorOf('owners')} empty={wonEmpty(regionPoints)} table={<ChartTable points={regionPoints} heads={heads} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />}>
                <LineBars points={topPoints(regionPoints, Infinity, '')} describe={describe} hrefOf={(point) => within(filters?.won, point, WON_COLUMNS, '-actual_close_date')} />
              </Tile>
            )}
          </div>
          <footer className={classes.foot}>
            <span>{figures.dataUpdatedAt ? t('dashboards.asOf', { time: formatTime(new Date(figures.dataUpdatedAt).toISOString()) }) : ''}</span>
            <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('dashboards.refresh')} title={t('dashboards.refresh')} onClick={retry} loading={figures.isFetching}>
              <IconRefresh size={16} stroke={1.75} />
            </ActionIcon>
            <span>{t('dashboards.rights')}</span>
          </footer>
        </div>
      )}
    </PageFrame>
  );
}
