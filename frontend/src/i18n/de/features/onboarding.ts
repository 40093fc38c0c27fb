import type { onboarding as en } from '../../en/features/onboarding';

/** Texte der ersten Schritte. */
const onboarding: Record<keyof typeof en, string> = {
  'onboarding.title': 'Erste Schritte',
  'onboarding.lead': '{done} von {total} erledigt. Jeder Schritt wird abgehakt, sobald er in Ihrem Arbeitsbereich zu sehen ist.',
  'onboarding.allDone': 'Alles erledigt. Sie können jederzeit hierher zurückkehren.',
  'onboarding.hideAtStart': 'Auf der Startseite ausblenden',
  'onboarding.showAtStart': 'Auf der Startseite anzeigen',
  'onboarding.sample': 'Beispieldaten',
  'onboarding.sampleHint': 'Beispieldatensätze, die niemand geändert hat, werden entfernt. Die bearbeiteten bleiben.',
  'onboarding.sampleRemove': 'Beispieldaten entfernen',
  'onboarding.sampleTitle': 'Beispieldaten entfernen?',
  'onboarding.sampleBody': 'Beispieldatensätze, die niemand geändert hat, werden endgültig gelöscht. Bearbeitete bleiben und werden danach aufgelistet.',
  'onboarding.sampleRemoved': '{count, plural, one {# Beispieldatensatz wurde entfernt.} other {# Beispieldatensätze wurden entfernt.}}',
  'onboarding.sampleKept': '{count, plural, one {# Datensatz bleibt, weil ihn jemand bearbeitet hat oder ein anderer ihn braucht:} other {# Datensätze bleiben, weil sie jemand bearbeitet hat oder andere sie brauchen:}}',
};
export default onboarding;
