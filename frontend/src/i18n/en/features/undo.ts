/** Texts of /undo. */
export const undo = {
  'undo.page': 'Undo mass changes',
  'undo.pageIntro': 'Imports, mass changes and merges you made can be taken back for 30 days. What somebody changed since is asked about first.',
  'undo.records': '{count, plural, one {# record} other {# records}}',
  'undo.stayed': '{count, plural, one {# record stayed as it is} other {# records stayed as they are}}',
  'undo.none': 'Nothing to undo',
  'undo.noneBody': 'Imports, mass changes and merges appear here.',
} as const;
export default undo;
