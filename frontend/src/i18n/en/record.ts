/** Texts of record pages, forms, timelines and action dialogs. */
export const record = {} as const;
