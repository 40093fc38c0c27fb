/** A form being drawn, with the way back step by step. */
import { useCallback, useState } from 'react';

import type { DrawnForm } from './formDocument';

const STEPS = 50;

export interface Drawing {
  form: DrawnForm;
  change: (change: (form: DrawnForm) => DrawnForm) => void;
  undo: (() => void) | null;
  dirty: boolean;
}

export function useDrawing(start: DrawnForm): Drawing {
  const [steps, setSteps] = useState<DrawnForm[]>([start]);
  const change = useCallback(
    (make: (form: DrawnForm) => DrawnForm) =>
      setSteps((before) => {
        const next = make(before.at(-1)!);
        return next === before.at(-1) ? before : [...before.slice(-STEPS), next];
      }),
    [],
  );
  const undo = steps.length > 1 ? () => setSteps((before) => before.slice(0, -1)) : null;
  return { form: steps.at(-1)!, change, undo, dirty: steps.length > 1 };
}
