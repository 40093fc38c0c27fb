/** Rows as tab-separated text, the way spreadsheets paste it. */

/** A cell for the clipboard: quoted where needed; text that a spreadsheet would run as a formula is defused. */
export function tsvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.,\s\u00a0\u202f]+$/.test(text) ? `'${text}` : text;
  return /["\t\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Lines of cells, header first. */
export const tsv = (lines: string[][]): string => lines.map((line) => line.map(tsvCell).join('\t')).join('\n');
