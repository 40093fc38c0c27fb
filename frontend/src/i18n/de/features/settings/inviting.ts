import type { inviting as en } from '../../../en/features/settings/inviting';

export const inviting: Record<keyof typeof en, string> = {
  'invite.licence': 'Art der Lizenz',
  'invite.licence.full': 'Voll',
  'invite.licence.read_only': 'Nur lesend',
  'invite.licence.help.full': 'Darf alles, was die Rolle erlaubt.',
  'invite.licence.help.read_only': 'Darf sehen, suchen und exportieren, aber nichts ändern. Kostet weniger.',
  'invite.seats': '{used} von {limit} Plätzen belegt',
  'invite.seatsInvited': '{used} von {limit} Plätzen belegt, {invited} Eingeladenen zugesagt',
  'invite.needed': '{count, plural, one {# Platz fehlt} other {# Plätze fehlen}}',
  'invite.now': 'Jetzt, für den Rest des Zeitraums',
  'invite.vat': 'USt. {rate} %',
  'invite.total': 'Wird jetzt berechnet',
  'invite.next': 'Nächste Rechnung am {date}: insgesamt {total}',
  'invite.buy': '{count, plural, one {# Platz für {total} kaufen und senden} other {# Plätze für {total} kaufen und senden}}',
  'invite.billing': 'Tarif und Abrechnung öffnen',
};
