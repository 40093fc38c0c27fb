/** What all inputs share: label, help, error and the three variants. */
import type { ReactNode } from 'react';

import classes from '../fields.module.css';
import type { InputProps } from '../types';

export interface FrameProps {
  label?: ReactNode;
  description?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  withAsterisk?: boolean;
  'aria-label'?: string;
  variant?: string;
  size: string;
  disabled?: boolean;
  readOnly?: boolean;
  autoFocus?: boolean;
  'data-autofocus'?: boolean;
  id?: string;
  classNames?: Record<string, string>;
  onBlur?: () => void;
}

const CELL = { input: classes.cellInput!, wrapper: classes.cellWrapper!, root: classes.cellRoot! };

/** Properties for an input of the component library. */
export function frameProps({ attribute, variant = 'form', error, autoFocus, disabled, onBlur, id }: InputProps): FrameProps {
  const bare = variant !== 'form';
  return {
    label: bare ? undefined : attribute.label,
    description: bare ? undefined : attribute.help || undefined,
    // In a cell the reason is shown by the grid; here it only marks the input.
    error: variant === 'cell' ? !!error : error,
    withAsterisk: bare ? undefined : attribute.required,
    'aria-label': bare ? attribute.label : undefined,
    variant: variant === 'cell' ? 'unstyled' : undefined,
    size: 'sm',
    disabled,
    autoFocus,
    'data-autofocus': autoFocus || undefined,
    id,
    classNames: variant === 'cell' ? CELL : undefined,
    onBlur,
  };
}
