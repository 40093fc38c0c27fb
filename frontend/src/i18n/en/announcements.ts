/** Texts of the provider’s announcements. */
export const announcements = {
  'announcements.dismiss': 'Dismiss',
  'announcements.status': 'Status page',
  'announcements.span': '{from} – {until}',
  'announcements.from': 'from {from}',
  'announcements.update': 'Update {when}: {text}',
  'announcements.kind.info': 'Information',
  'announcements.kind.maintenance': 'Maintenance',
  'announcements.kind.incident': 'Incident',
  'legal.changed': '{title} changed',
  'legal.since': 'In force since {date}. Please read the new version and accept it for your workspace.',
  'legal.new': '{title}: new',
  'legal.new_since': 'New since {date}. Please read it and accept it for your workspace.',
  'legal.read': 'Read',
  'legal.accept': 'Accept',
  'legal.accepted': '{title} accepted',
} as const;
