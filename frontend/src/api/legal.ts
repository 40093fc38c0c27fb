/** Legal texts that changed since this workspace accepted them. */
import { get, post } from './client';

export interface LegalText {
  document: string;
  title: string;
  version: string;
  accepted: string;
  url: string;
}

type Answer = { rows: LegalText[] };
export const readLegal = async (signal?: AbortSignal) => (await get<Answer>('/legal', undefined, signal)).rows;
export const acceptLegal = async ({ document, version }: LegalText) => (await post<Answer>('/legal/actions/accept', { document, version })).rows;
