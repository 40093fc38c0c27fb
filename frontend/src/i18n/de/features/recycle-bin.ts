import type { recycleBin as en } from '../../en/features/recycle-bin';

const recycleBin: Record<keyof typeof en, string> = {
  'bin.title': 'Papierkorb',
  'bin.intro': 'Gelöschte Datensätze bleiben {days} Tage hier, dann werden sie vernichtet. Beim Wiederherstellen kommt zurück, was mit ihnen gelöscht wurde.',
  'bin.daysLeft': '{count, plural, =0 {wird heute vernichtet} one {noch # Tag} other {noch # Tage}}',
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
  'bin.purgeBody': 'Er wird mit seinen Dateien vernichtet und kann nicht wiederhergestellt werden. Was die Protokollierung vorher festgehalten hat, bleibt dort, so lange Ihr Tarif es aufbewahrt.',
  'bin.purgeBodyWith': '{count, plural, one {# Datensatz wird} other {# Datensätze werden}} mit ihren Dateien vernichtet und können nicht wiederhergestellt werden: dieser und {list}. Was die Protokollierung vorher festgehalten hat, bleibt dort, so lange Ihr Tarif es aufbewahrt.',
  'bin.purgeCount': '{count, plural, one {Endgültig löschen} other {# Datensätze endgültig löschen}}',
  'bin.others': '{count, plural, one {# weiterer Datensatz} other {# weitere Datensätze}}',
  'bin.purged': '„{name}“ ist endgültig gelöscht',
  'bin.more': 'Mehr anzeigen',
};
export default recycleBin;
