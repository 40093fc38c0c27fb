/** The board: a column per option, cards dragged or moved by menu and keyboard, zones that run an action. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';

import { errorMessage, readRecord, runAction, type BoardColumn, type FullRecord, type RecordData } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, recordName, recordPath, usePrivilege, type Action } from '@/metadata';
import { Chip, colorPair, ErrorState, formatMoney, formatMoneyShort, formatNumber, SkeletonBar, toast } from '@/ui';
import { ActionDialog, useAnnounceAction } from '../actions';
import { isEditable } from '../list/editable';
import { ListStates } from '../list/ListStates';
import { isEdited, simplified } from '../list/state';
import type { PaneProps } from '../list/TablePane';
import { rememberList } from '../record/neighbours';
import classes from './board.module.css';
import { BoardCard } from './BoardCard';
import { boardAttribute, cardAttributes, enteredAt, findCard, nextCard, type ColumnValue } from './columns';
import { MissingFieldsDialog } from './MissingFieldsDialog';
import { useBoard } from './useBoard';
import { useCardDrag } from './useCardDrag';

const dropKey = (value: ColumnValue) => `column:${value ?? ''}`;

export function BoardPane({ entity, state, change, open, create, refreshRef }: PaneProps) {
  const t = useT();
  const navigate = useNavigate();
  const canWrite = usePrivilege(entity.name, 'write');
  const attribute = boardAttribute(entity, state.boardAttribute);
  const board = useBoard(entity, attribute, state);
  const { columns, move, loadMore, loading } = board;
  const drops = attribute === entity.board?.attribute ? entity.board.drop : [];
  const movable = canWrite && (attribute === 'status_reason' || isEditable(attributeOf(entity, attribute)));
  const [focused, setFocused] = useState<string | null>(null);
  const [acting, setActing] = useState<{ action: Action; record: FullRecord } | null>(null);
  const attributes = useMemo(() => cardAttributes(entity, attribute), [entity, attribute]);
  const entered = enteredAt(entity, attribute);
  const ids = useMemo(() => columns.flatMap((column) => column.rows.map((row) => row.id)), [columns]);
  const current = focused && ids.includes(focused) ? focused : (ids[0] ?? null);
  useEffect(() => {
    refreshRef.current = () => void board.refresh();
  });

  const openCard = useCallback(
    (row: RecordData) => {
      rememberList({ plural: entity.plural, label: state.view.name, href: `${location.pathname}${location.search}`, ids, total: ids.length });
      open(row.id);
    },
    [entity.plural, state.view.name, ids, open],
  );
  const latest = useRef({ move, board });
  useEffect(() => {
    latest.current = { move, board };
  });
  const onMove = useCallback((id: string, to: ColumnValue) => void latest.current.move(id, to), []);
  const onGlided = useCallback(() => latest.current.board.setReturning(null), []);

  const announceAction = useAnnounceAction();
  const act = useCallback(
    async (row: RecordData, name: string) => {
      const action = entity.actions.find((entry) => entry.name === name);
      if (!action) return;
      try {
        if (action.parameters.length) {
          // The dialog starts from the whole record: amounts, dates, what is allowed.
          setActing({ action, record: await readRecord(entity.plural, row.id) });
        } else {
          const answer = await runAction(entity.plural, row.id, action.name, {}, { ifMatch: row.version });
          latest.current.board.takeOff(row.id);
          announceAction(entity, action, answer);
        }
      } catch (error) {
        latest.current.board.setReturning(row.id);
        toast({ kind: 'error', message: errorMessage(error) });
      }
    },
    [entity, announceAction],
  );
  const onAction = useCallback((row: RecordData, name: string) => void act(row, name), [act]);

  const { drag, target, ghost, onPointerDown } = useCardDrag((id, aim) => {
    const found = findCard({ columns }, id);
    if (!found) return;
    const [kind, name = ''] = aim.drop.split(/:(.*)/s);
    if (kind === 'action') void act(found.row, name);
    else {
      const to = columns.find((column) => dropKey(column.value) === aim.drop);
      if (to && to.value !== null) void move(id, to.value, aim.before);
    }
  });
  const draggedRow = drag ? findCard({ columns }, drag.id)?.row : undefined;

  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target as HTMLElement).dataset.card || event.altKey) return;
    const found = current ? findCard({ columns }, current) : null;
    if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      if (event.shiftKey && movable && found && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
        const at = columns.indexOf(found.column);
        const to = columns[at + (event.key === 'ArrowRight' ? 1 : -1)];
        if (to && to.value !== null) {
          void move(found.row.id, to.value);
          setFocused(found.row.id);
        }
      } else setFocused(nextCard(columns, current, event.key) ?? current);
    } else if (event.key === 'Enter' && found) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(recordPath(entity.plural, found.row.id), '_blank', 'noopener');
      else void navigate({ to: recordPath(entity.plural, found.row.id) as string });
    } else if (event.key === 'o' && found) {
      event.stopPropagation();
      openCard(found.row);
    }
  };

  /** A zone has the colour of the state it leads to. */
  const zoneColor = (label: string) => entity.states.find((state) => state.label === label)?.color ?? 'gray';

  if (board.error && !board.data) return <ErrorState error={board.error} onRetry={() => void board.refetch()} />;
  const filtered = !!simplified(state.filter) || !!state.q || !!entity.board?.filter;
  if (board.data && !columns.some((column) => column.count)) {
    return (
      <ListStates entity={entity} error={null} broken={[]} filtered={filtered} q={state.q} asInView={!isEdited(state)} onRetry={() => void board.refetch()} onClear={() => change({ filter: null, q: '', layout: 'table' })} onCreate={create} />
    );
  }
  return (
    <div className={classes.pane}>
      <div className={classes.board} data-board data-stale={board.isPlaceholderData || undefined} onKeyDown={onKeyDown}>
        {!board.data && Array.from({ length: 4 }, (_, index) => <LoadingColumn key={index} />)}
        {columns.map((column) => (
          <section key={String(column.value)} className={classes.column} aria-label={`${column.label || t('lists.board.none', { label: attributeOf(entity, attribute)?.label ?? '' })}: ${t('lists.board.cards', { count: column.count })}`}>
            <ColumnHead column={column} none={t('lists.board.none', { label: attributeOf(entity, attribute)?.label ?? '' })} />
            <div
              className={classes.cards}
              data-cards
              data-drop={dropKey(column.value)}
              data-target={(drag && target?.drop === dropKey(column.value)) || undefined}
              onScroll={(event) => {
                const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
                if (scrollHeight - scrollTop - clientHeight < 400) void loadMore(column);
              }}
            >
              {column.rows.map((row) => (
                <div key={row.id} className={classes.slot} data-before={(drag && target?.drop === dropKey(column.value) && target.before === row.id) || undefined}>
                  <BoardCard
                    entity={entity}
                    row={row}
                    attributes={attributes}
                    entered={entered}
                    columns={columns}
                    value={column.value}
                    focused={current === row.id}
                    open={state.panel === row.id}
                    dragged={drag?.id === row.id}
                    gliding={board.returning === row.id}
                    canMove={movable}
                    drops={drops}
                    onOpen={openCard}
                    onMove={onMove}
                    onAction={onAction}
                    onFocus={setFocused}
                    onGlided={onGlided}
                    onPointerDown={onPointerDown}
                  />
                </div>
              ))}
              {column.next && (
                <button type="button" className={classes.more} onClick={() => void loadMore(column)}>
                  {loading.has(column.value) ? t('lists.board.loading') : t('lists.board.more')}
                </button>
              )}
              {!column.rows.length && <div className={classes.emptyColumn}>{t('lists.board.emptyColumn')}</div>}
            </div>
          </section>
        ))}
      </div>
      {drag && drops.length > 0 && (
        <div className={classes.zones}>
          {drops.map((drop) => (
            <div key={drop.action} className={classes.zone} data-drop={`action:${drop.action}`} style={{ '--zone': colorPair(zoneColor(drop.label)).color, '--zone-soft': colorPair(zoneColor(drop.label)).background } as CSSProperties} data-target={target?.drop === `action:${drop.action}` || undefined}>
              {drop.label}
            </div>
          ))}
        </div>
      )}
      {drag && draggedRow && (
        <div ref={ghost} className={classes.ghost} style={{ width: drag.width }} aria-hidden>
          {recordName(entity, draggedRow)}
        </div>
      )}
      {board.missing && <MissingFieldsDialog entity={entity} missing={board.missing} onSave={board.complete} onClose={() => board.setMissing(null)} />}
      {acting && (
        <ActionDialog
          entity={entity}
          record={acting.record}
          action={acting.action}
          onClose={() => {
            board.setReturning(acting.record.id);
            setActing(null);
          }}
          onDone={() => {
            board.takeOff(acting.record.id);
            setActing(null);
          }}
        />
      )}
      <p className="k-visually-hidden">{t('lists.board.hint')}</p>
    </div>
  );
}

function ColumnHead({ column, none }: { column: BoardColumn; none: string }) {
  const t = useT();
  return (
    <header className={classes.head}>
      <div className={classes.headTitle}>
        <Chip label={column.label || none} color={column.color} />
        <span className={classes.headCount}>{formatNumber(column.count)}</span>
        <span style={{ flex: 1 }} />
        {column.sum !== null && (
          <span className={classes.headSum} title={formatMoney(column.sum)}>
            {formatMoneyShort(column.sum)}
          </span>
        )}
      </div>
      {column.weighted !== null && (
        <div className={classes.headWeighted} title={formatMoney(column.weighted)}>
          {t('lists.board.weighted', { sum: formatMoneyShort(column.weighted) })}
        </div>
      )}
    </header>
  );
}

function LoadingColumn() {
  return (
    <div className={classes.column} aria-hidden>
      <div className={classes.head}>
        <SkeletonBar width={120} height={16} />
      </div>
      <div className={classes.cards}>
        {[84, 84, 84].map((height, index) => (
          <div key={index} className={classes.slot}>
            <SkeletonBar height={height} />
          </div>
        ))}
      </div>
    </div>
  );
}
