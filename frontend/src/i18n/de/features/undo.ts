import type { undo as en } from '../../en/features/undo';

const undo: Record<keyof typeof en, string> = {
  'undo.page': 'Massenänderungen zurücknehmen',
  'undo.pageIntro': 'Importe, Massenänderungen und Zusammenführungen lassen sich 30 Tage lang zurücknehmen. Nach dem, was seither jemand geändert hat, wird zuerst gefragt.',
  'undo.records': '{count, plural, one {# Datensatz} other {# Datensätze}}',
  'undo.stayed': '{count, plural, one {# Datensatz blieb, wie er ist} other {# Datensätze blieben, wie sie sind}}',
  'undo.none': 'Es gibt nichts zurückzunehmen',
  'undo.noneBody': 'Importe, Massenänderungen und Zusammenführungen erscheinen hier.',
};
export default undo;
