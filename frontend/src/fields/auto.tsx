import { EmptyMark } from './display';
import classes from './fields.module.css';
import { text } from './text';
import type { FieldBase } from './types';
import { asText } from './values';

/** Numbers the system assigns, such as Q-1042. */
export const auto: FieldBase = {
  ...text,
  Display: ({ value }) => (value ? <span className="k-code">{asText(value)}</span> : <EmptyMark />),
  Cell: ({ value }) => (value ? <span className={`k-code ${classes.line}`}>{asText(value)}</span> : null),
  validate: undefined,
  width: 120,
};
