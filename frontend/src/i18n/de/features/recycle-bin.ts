import type { recycleBin as en } from '../../en/features/recycle-bin';

const recycleBin: Record<keyof typeof en, string> = {
  'bin.title': 'Papierkorb',
  'bin.intro': 'Gelöschte Datensätze bleiben hier, bis sie endgültig gelöscht werden. Beim Wiederherstellen kommt auch zurück, was mit ihnen gelöscht wurde.',
  'bin.empty': 'Der Papierkorb ist leer',
  'bin.emptyBody': 'Datensätze, die Sie löschen, lassen sich von hier wiederherstellen.',
  'bin.emptyFiltered': 'Keine gelöschten Datensätze dieser Art',
  'bin.allObjects': 'Alle Objekte',
  'bin.name': 'Name',
  'bin.object': 'Art',
  'bin.deletedAt': 'Gelöscht',
  'bin.deletedBy': 'Gelöscht von',
  'bin.children': '{count, plural, =0 {} one {mit # verknüpften Datensatz} other {mit # verknüpften Datensätzen}}',
  'bin.restore': 'Wiederherstellen',
  'bin.restored': '„{name}“ ist wieder da',
  'bin.open': 'Öffnen',
  'bin.purge': 'Endgültig löschen',
  'bin.purgeTitle': '„{name}“ endgültig löschen?',
  'bin.purgeBody': 'Danach lässt sich der Datensatz nicht wiederherstellen. Notizen, Dateien und Verlauf werden mitgelöscht.',
  'bin.purged': '„{name}“ ist endgültig gelöscht',
  'bin.more': 'Mehr anzeigen',
};
export default recycleBin;
