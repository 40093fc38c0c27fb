import type { announcements as en } from '../en/announcements';

/** Texte der Mitteilungen des Anbieters. */
export const announcements: Record<keyof typeof en, string> = {
  'announcements.dismiss': 'Ausblenden',
  'announcements.status': 'Statusseite',
  'announcements.span': '{from} – {until}',
  'announcements.from': 'ab {from}',
  'announcements.update': 'Neues von {when}: {text}',
  'announcements.kind.info': 'Information',
  'announcements.kind.maintenance': 'Wartung',
  'announcements.kind.incident': 'Störung',
  'legal.changed': '{title}: neue Fassung',
  'legal.since': 'In Kraft seit {date}. Bitte lesen Sie die neue Fassung und nehmen Sie sie für Ihren Arbeitsbereich an.',
  'legal.new': '{title}: neu',
  'legal.new_since': 'Neu seit {date}. Bitte lesen Sie sie und nehmen Sie sie für Ihren Arbeitsbereich an.',
  'legal.read': 'Lesen',
  'legal.accept': 'Annehmen',
  'legal.accepted': '{title} angenommen',
};
