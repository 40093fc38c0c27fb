/** Texts of lists, boards, calendars and filters. */
export const lists = {} as const;
