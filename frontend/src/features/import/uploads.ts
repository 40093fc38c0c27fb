/** What can be refused before a file is sent; the server looks into the file itself. */

export const MAX_MEGABYTES = 100;
export const MAX_BYTES = MAX_MEGABYTES * 1024 * 1024;
const ENDINGS = ['csv', 'tsv', 'txt', 'xlsx'] as const;

export type Refusal = 'empty' | 'too_large' | 'old_excel' | 'numbers_app' | 'wrong_kind';

/** Why a chosen file cannot be imported; null when it may be sent. */
export function refusalOf(file: Pick<File, 'name' | 'size'>): Refusal | null {
  const ending = /\.([^.]+)$/.exec(file.name.toLowerCase())?.[1] ?? '';
  if (ending === 'xls' || ending === 'xlsb') return 'old_excel';
  if (ending === 'numbers' || ending === 'ods') return 'numbers_app';
  if (!(ENDINGS as readonly string[]).includes(ending)) return 'wrong_kind';
  if (file.size === 0) return 'empty';
  return file.size > MAX_BYTES ? 'too_large' : null;
}

export const ACCEPTED = ENDINGS.map((ending) => `.${ending}`).join(',');
