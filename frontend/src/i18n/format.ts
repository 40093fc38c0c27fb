/** A tiny subset of ICU message syntax: `{name}` and `{count, plural, one {# row} other {# rows}}`. */

export type Params = Record<string, string | number>;

const pluralRules = new Map<string, Intl.PluralRules>();
const numberFormats = new Map<string, Intl.NumberFormat>();

function pluralCategory(language: string, n: number): string {
  let rules = pluralRules.get(language);
  if (!rules) pluralRules.set(language, (rules = new Intl.PluralRules(language)));
  return rules.select(n);
}

function grouped(language: string, n: number): string {
  let format = numberFormats.get(language);
  if (!format) numberFormats.set(language, (format = new Intl.NumberFormat(language)));
  return format.format(n);
}

/** Index just behind the brace that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i + 1;
  }
  throw new Error(`Unbalanced braces in message: ${text}`);
}

function choosePlural(language: string, body: string, n: number): string {
  const branches = new Map<string, string>();
  const selector = /\s*(=?\w+)\s*\{/y;
  let at = 0;
  for (;;) {
    selector.lastIndex = at;
    const match = selector.exec(body);
    if (!match) break;
    const open = selector.lastIndex - 1;
    const end = closing(body, open);
    branches.set(match[1]!, body.slice(open + 1, end - 1));
    at = end;
  }
  const branch = branches.get(`=${n}`) ?? branches.get(pluralCategory(language, n)) ?? branches.get('other') ?? '';
  return branch.replaceAll('#', grouped(language, n));
}

/**
 * Fill a message.
 *
 * @param language BCP 47 tag, decides plural category and digit grouping
 * @param message text with placeholders
 * @param params values; numbers are grouped by the language
 */
export function formatMessage(language: string, message: string, params: Params = {}): string {
  let out = '';
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf('{', at);
    if (open < 0) return out + message.slice(at);
    const end = closing(message, open);
    const inner = message.slice(open + 1, end - 1);
    const plural = /^\s*(\w+)\s*,\s*plural\s*,/.exec(inner);
    out += message.slice(at, open);
    if (plural) {
      const branch = choosePlural(language, inner.slice(plural[0].length), Number(params[plural[1]!]));
      out += formatMessage(language, branch, params);
    } else {
      const value = params[inner.trim()];
      out += value === undefined ? `{${inner}}` : typeof value === 'number' ? grouped(language, value) : value;
    }
    at = end;
  }
  return out;
}
