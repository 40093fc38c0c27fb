/** Einstellungen > Objekte: Optionen löschen. */
import type { options as english } from '../../../en/features/settings/options';

export const options: Record<keyof typeof english, string> = {
  'diff.part.tabs': 'Felder auf dem Formular',
  'diff.moved': 'andere Reihenfolge',
  'options.delete': 'Option {n} löschen',
  'options.restore': 'Option {n} behalten',
  'options.records': '{count, plural, =0 {Kein Datensatz hat sie} one {# Datensatz hat sie} other {# Datensätze haben sie}}',
  'options.counting': 'Datensätze werden gezählt …',
  'options.replaceWith': '„{name}“ ersetzen durch',
  'options.choose': 'Wählen …',
  'options.leaveEmpty': 'Feld leer lassen',
  'options.usedIn': 'Zuerst ändern: {names}',
  'options.fixed': 'Mit Option {n} arbeitet das Produkt selbst: umbenennen oder stilllegen',
  'options.becomes': 'Aus „{name}“ wird „{replacement}“ bei {count, plural, one {# Datensatz} other {# Datensätzen}}',
  'options.becomesEmpty': '„{name}“ wird bei {count, plural, one {# Datensatz} other {# Datensätzen}} geleert',
  'options.undecided': '„{name}“: Sagen Sie, was bei {count, plural, one {# Datensatz} other {# Datensätzen}} an die Stelle tritt',
  'options.justGoes': '„{name}“ fällt weg; kein Datensatz hat sie',
  'options.rollBackTitle': 'Was tritt an die Stelle dieser Optionen?',
  'options.rollBackBody': 'Die Version, zu der Sie zurückgehen, hat sie nicht, aber Datensätze haben sie. Unter Rückgängig lässt sich das 30 Tage lang zurücknehmen.',
  'options.rollBack': 'Ersetzen und zurückgehen',
};
