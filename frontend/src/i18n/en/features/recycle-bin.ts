/** Texts of the recycle bin. */
export const recycleBin = {
  'bin.title': 'Recycle bin',
  'bin.intro': 'Deleted records stay here until they are deleted for good. Restoring brings back what was deleted with them.',
  'bin.empty': 'The recycle bin is empty',
  'bin.emptyBody': 'Records you delete can be restored from here.',
  'bin.emptyFiltered': 'No deleted records of this kind',
  'bin.allObjects': 'All objects',
  'bin.name': 'Name',
  'bin.object': 'Kind',
  'bin.deletedAt': 'Deleted',
  'bin.deletedBy': 'Deleted by',
  'bin.children': '{count, plural, =0 {} one {with # related record} other {with # related records}}',
  'bin.restore': 'Restore',
  'bin.restored': '“{name}” is back',
  'bin.open': 'Open',
  'bin.purge': 'Delete for good',
  'bin.purgeTitle': 'Delete “{name}” for good?',
  'bin.purgeBody': 'It cannot be restored afterwards. Its notes, files and history are deleted too.',
  'bin.purged': '“{name}” is deleted for good',
  'bin.more': 'Show more',
} as const;
export default recycleBin;
