import { formatting } from './formatting';

const names = (type: 'region' | 'currency') => new Intl.DisplayNames([formatting().locale, 'en'], { type, fallback: 'code' });

/** The name of a currency in the user's language; its code when the browser knows none. */
export function currencyName(code: string): string {
  try {
    return names('currency').of(code) ?? code;
  } catch {
    return code; // not shaped like a code at all
  }
}

const byLabel = (a: { label: string }, b: { label: string }) => a.label.localeCompare(b.label, formatting().locale);

/** All currencies in use as options, by name. */
export function currencyOptions(): { value: string; label: string }[] {
  return Intl.supportedValuesOf('currency')
    .map((value) => ({ value, label: `${value} · ${currencyName(value)}` }))
    .sort((a, b) => a.value.localeCompare(b.value));
}

/** All countries as options, by name in the user's language. */
export function regionNames(): { value: string; label: string }[] {
  const known = names('region');
  const found: { value: string; label: string }[] = [];
  for (let first = 65; first <= 90; first++) {
    for (let second = 65; second <= 90; second++) {
      const code = String.fromCharCode(first, second);
      const label = known.of(code);
      if (label && label !== code && !NO_COUNTRIES.has(code)) found.push({ value: code, label });
    }
  }
  return found.sort(byLabel);
}

/** Codes the browser has names for that are no countries: groups, exceptional reservations, retired ones. */
const NO_COUNTRIES = new Set(['AC', 'AN', 'BU', 'CP', 'CQ', 'CS', 'DD', 'DG', 'DY', 'EA', 'EU', 'EZ', 'FX', 'HV', 'IC', 'NH', 'NT', 'QO', 'QU', 'RH', 'SU', 'TA', 'TP', 'UK', 'UN', 'VD', 'XA', 'XB', 'YD', 'YU', 'ZR', 'ZZ']);
