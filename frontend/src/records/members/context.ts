import { createContext, use } from 'react';

import type { Members } from './useMembers';

/** The marketing list whose members a list of records shows; they can be taken off it from there. */
export interface OpenList {
  remove: (members: Members, done: () => void) => void;
}

export const ListMembersContext = createContext<OpenList | null>(null);
export const useOpenList = (): OpenList | null => use(ListMembersContext);
