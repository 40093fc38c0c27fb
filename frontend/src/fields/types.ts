/** What every attribute type brings: how it is shown, edited, filtered, read from text and compared. */
import type { ComponentType, ReactNode } from 'react';

import type { RecordData } from '@/api/types';
import type { Attribute, Entity, State } from '@/metadata/types';

/** The parts of an attribute that a field needs; action parameters fit too. */
export type FieldAttribute = Pick<Attribute, 'name' | 'label' | 'type'> &
  Partial<Omit<Attribute, 'name' | 'label' | 'type'>> & { states?: State[] };

export interface DisplayProps {
  attribute: FieldAttribute;
  value: unknown;
  /** The whole record: money reads its currency, masked values show a lock. */
  record?: RecordData;
  entity?: Entity;
}

export interface InputProps {
  attribute: FieldAttribute;
  value: unknown;
  /** The value in write shape (deploy/docs/api.md, value shapes); lookups hand over the whole reference. */
  onChange: (value: unknown) => void;
  onBlur?: () => void;
  /** Shown below the input and tied to it for screen readers. */
  error?: ReactNode;
  /** `form` shows label and help, `inline` and `cell` are bare; `cell` fills its grid cell without a border. */
  variant?: 'form' | 'inline' | 'cell';
  autoFocus?: boolean;
  disabled?: boolean;
  record?: RecordData;
  entity?: Entity;
  id?: string;
}

export interface FilterProps {
  attribute: FieldAttribute;
  operator: string;
  value: unknown;
  onChange: (value: unknown) => void;
  autoFocus?: boolean;
}

export type Parsed = { ok: true; value: unknown } | { ok: false; message: string };

export interface FormatContext {
  record?: RecordData;
  entity?: Entity;
}

/** One choice of a list. */
export interface PickOption {
  value: number | string;
  label: string;
  color: string | null;
  /** False when it can no longer be chosen. */
  active?: boolean;
}

/** How values of a type are entered: loaded when the first input of any type is shown. */
export interface Inputs {
  Input: ComponentType<InputProps>;
  /** The value of a filter condition, by operator. */
  Filter: ComponentType<FilterProps>;
}

/** Everything but the inputs: what lists need at once. */
export interface FieldBase {
  /** On record pages and cards: may wrap, links are live. */
  Display: ComponentType<DisplayProps>;
  /** In a grid cell: one line, cut with an ellipsis. */
  Cell: ComponentType<DisplayProps>;
  /** Typed or pasted text to a value in write shape. */
  parse: (text: string, attribute: FieldAttribute) => Parsed;
  /** Plain text: copy, titles, exports of what is on screen. */
  format: (value: unknown, attribute: FieldAttribute, context?: FormatContext) => string;
  /** Order of two values, empty first. */
  compare: (a: unknown, b: unknown, attribute: FieldAttribute) => number;
  /** What the attribute itself forbids, in words; the server has the last word. */
  validate?: (value: unknown, attribute: FieldAttribute) => string | null;
  align?: 'right' | 'center';
  /** Sensible column width in px. */
  width: number;
}

export type FieldType = FieldBase & Inputs;
