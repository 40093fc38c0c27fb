import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent } from 'react';

export interface PointerDrag<T> {
  subject: T;
  /** Where the pointer went down and where it is. */
  from: { x: number; y: number };
  to: { x: number; y: number };
  moved: boolean;
}

const START_PX = 5;

/** The click that follows letting go must not open what was dragged. */
function swallowClick() {
  const swallow = (event: Event) => {
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener('click', swallow, true);
  setTimeout(() => window.removeEventListener('click', swallow, true), 0);
}

/** Follows the pointer from a press to the release; Escape gives up. Touch scrolls instead, records are opened by a tap. */
export function usePointerDrag<T>(onEnd: (drag: PointerDrag<T>) => void) {
  const [drag, setDrag] = useState<PointerDrag<T> | null>(null);
  const latest = useRef<PointerDrag<T> | null>(null);
  const end = useRef(onEnd);
  useEffect(() => {
    end.current = onEnd;
  });
  const active = drag !== null;
  useEffect(() => {
    if (!active) return;
    const set = (next: PointerDrag<T> | null) => {
      latest.current = next;
      setDrag(next);
    };
    const onMove = (event: PointerEvent) => {
      const now = latest.current!;
      const to = { x: event.clientX, y: event.clientY };
      set({ ...now, to, moved: now.moved || Math.hypot(to.x - now.from.x, to.y - now.from.y) > START_PX });
    };
    const onUp = () => {
      const now = latest.current!;
      set(null);
      if (now.moved) swallowClick();
      end.current(now);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      set(null);
    };
    const onCancel = () => set(null);
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
  }, [active]);
  const start = (event: ReactPointerEvent, subject: T) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    event.preventDefault();
    const at = { x: event.clientX, y: event.clientY };
    latest.current = { subject, from: at, to: at, moved: false };
    setDrag(latest.current);
  };
  return { drag: drag?.moved ? drag : null, start };
}
