/** Texts of record pages, forms, timelines and action dialogs. */
import type { record as en } from '../en/record';

export const record: Record<keyof typeof en, string> = {};
