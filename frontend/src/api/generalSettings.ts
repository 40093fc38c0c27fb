/** The workspace's general settings and its currencies. */
import { get, patch, post, remove } from './client';

export interface GeneralSettings {
  name: string;
  language: string;
  country: string;
  time_zone: string;
  currency: string;
  /** Month fiscal years begin in, 1 to 12. */
  fiscal_start: number;
}

export interface Currency {
  code: string;
  /** Units of it per one unit of the base currency, as a decimal string. */
  rate: string;
  precision: number;
  is_base: boolean;
}

export const readGeneralSettings = (signal?: AbortSignal) => get<GeneralSettings>('/workspace_settings', undefined, signal);
export const updateGeneralSettings = (body: Partial<GeneralSettings>) => patch<GeneralSettings>('/workspace_settings', body);
export const listCurrencies = async (signal?: AbortSignal): Promise<Currency[]> => (await get<{ rows: Currency[] }>('/currencies', undefined, signal)).rows;
export const addCurrency = (body: { code: string; rate: string }) => post<Currency>('/currencies', body);
export const updateCurrency = (code: string, body: { rate?: string; precision?: number }) => patch<Currency>(`/currencies/${encodeURIComponent(code)}`, body);
export const deleteCurrency = (code: string) => remove(`/currencies/${encodeURIComponent(code)}`);
