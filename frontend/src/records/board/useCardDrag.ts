/** Dragging a card with the mouse or a pen; touch uses the card's menu, so that swiping still scrolls. */
import { useCallback, useEffect, useRef, useState, type PointerEvent as ReactPointerEvent } from 'react';

export interface DragState {
  id: string;
  width: number;
  /** Place of the pointer within the card. */
  offset: { x: number; y: number };
}

export interface DropTarget {
  /** `column:VALUE` or `action:NAME`, as in data-drop. */
  drop: string;
  /** Card it would be put before. */
  before: string | null;
}

const START_PX = 6;
const EDGE_PX = 64;
const SPEED_PX = 14;

function targetAt(x: number, y: number, id: string): DropTarget | null {
  const zone = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]');
  if (!zone) return null;
  const cards = [...zone.querySelectorAll<HTMLElement>('[data-card]')].filter((card) => card.dataset.card !== id);
  const below = cards.find((card) => {
    const { top, height } = card.getBoundingClientRect();
    return y < top + height / 2;
  });
  return { drop: zone.dataset.drop!, before: below?.dataset.card ?? null };
}

/** Scroll the board while the pointer is near its edge. */
function scrollNear(x: number, y: number) {
  const under = document.elementFromPoint(x, y);
  const board = under?.closest<HTMLElement>('[data-board]');
  const column = under?.closest<HTMLElement>('[data-cards]');
  if (board) {
    const { left, right } = board.getBoundingClientRect();
    if (x < left + EDGE_PX) board.scrollLeft -= SPEED_PX;
    if (x > right - EDGE_PX) board.scrollLeft += SPEED_PX;
  }
  if (column) {
    const { top, bottom } = column.getBoundingClientRect();
    if (y < top + EDGE_PX / 2) column.scrollTop -= SPEED_PX;
    if (y > bottom - EDGE_PX / 2) column.scrollTop += SPEED_PX;
  }
}

/**
 * @param onDrop called with the card's id and where it was let go
 */
export function useCardDrag(onDrop: (id: string, target: DropTarget) => void) {
  const [drag, setDrag] = useState<DragState | null>(null);
  const [target, setTarget] = useState<DropTarget | null>(null);
  const ghost = useRef<HTMLDivElement>(null);
  const press = useRef<{ id: string; x: number; y: number; rect: DOMRect } | null>(null);
  const at = useRef({ x: 0, y: 0 });
  const active = useRef(false);
  const drop = useRef(onDrop);
  const latestTarget = useRef<DropTarget | null>(null);
  useEffect(() => {
    drop.current = onDrop;
  });

  const place = useCallback(() => {
    const pressed = press.current;
    if (ghost.current && pressed) ghost.current.style.transform = `translate(${at.current.x - (pressed.x - pressed.rect.left)}px, ${at.current.y - (pressed.y - pressed.rect.top)}px) rotate(2deg)`;
  }, []);

  useEffect(() => {
    if (!drag) return;
    place();
    let frame = 0;
    const tick = () => {
      scrollNear(at.current.x, at.current.y);
      const next = targetAt(at.current.x, at.current.y, drag.id);
      if (next?.drop !== latestTarget.current?.drop || next?.before !== latestTarget.current?.before) {
        latestTarget.current = next;
        setTarget(next);
      }
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [drag, place]);

  useEffect(() => {
    const end = (dropped: boolean) => {
      const pressed = press.current;
      const aim = dropped && pressed && active.current ? targetAt(at.current.x, at.current.y, pressed.id) : null;
      press.current = null;
      latestTarget.current = null;
      if (!active.current) return;
      active.current = false;
      setDrag(null);
      setTarget(null);
      document.body.style.removeProperty('user-select');
      if (aim && pressed) drop.current(pressed.id, aim);
      // The click that follows letting go must not open the card.
      const swallow = (event: Event) => {
        event.stopPropagation();
        event.preventDefault();
      };
      window.addEventListener('click', swallow, true);
      setTimeout(() => window.removeEventListener('click', swallow, true), 0);
    };
    const onMove = (event: PointerEvent) => {
      const pressed = press.current;
      if (!pressed) return;
      at.current = { x: event.clientX, y: event.clientY };
      if (!active.current) {
        if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < START_PX) return;
        active.current = true;
        document.body.style.userSelect = 'none';
        setDrag({ id: pressed.id, width: pressed.rect.width, offset: { x: pressed.x - pressed.rect.left, y: pressed.y - pressed.rect.top } });
      }
      place();
    };
    const onUp = () => end(true);
    const onCancel = () => end(false);
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !active.current) return;
      event.stopPropagation();
      end(false);
    };
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onUp);
    window.addEventListener('pointercancel', onCancel);
    window.addEventListener('keydown', onKey, true);
    return () => {
      window.removeEventListener('pointermove', onMove);
      window.removeEventListener('pointerup', onUp);
      window.removeEventListener('pointercancel', onCancel);
      window.removeEventListener('keydown', onKey, true);
    };
  }, [place]);

  const onPointerDown = useCallback((event: ReactPointerEvent<HTMLElement>, id: string) => {
    if (event.button !== 0 || event.pointerType === 'touch' || (event.target as HTMLElement).closest('button, input')) return;
    press.current = { id, x: event.clientX, y: event.clientY, rect: event.currentTarget.getBoundingClientRect() };
    at.current = { x: event.clientX, y: event.clientY };
  }, []);

  return { drag, target, ghost, onPointerDown };
}
