import { createContext, use, type ReactNode } from 'react';

import type { Ref } from '@/api/types';

export interface FieldServices {
  /** Opens the quick-create form of an object with a first text; answers the new record, or null when given up. */
  quickCreate?: (object: string, text: string) => Promise<Ref | null>;
}

const Services = createContext<FieldServices>({});

/** Gives fields what lies above them in the house, such as creating a record from a lookup. */
export function FieldProvider({ children, ...services }: FieldServices & { children: ReactNode }) {
  return <Services value={services}>{children}</Services>;
}

export const useFieldServices = (): FieldServices => use(Services);
