/** Twelve named pairs for options, states and objects: a soft background and a strong text, readable in both themes. */
export const COLOR_NAMES = ['gray', 'indigo', 'blue', 'cyan', 'teal', 'green', 'lime', 'yellow', 'orange', 'red', 'pink', 'violet'] as const;
export type ColorName = (typeof COLOR_NAMES)[number];

// Names of neighbouring colours that older definitions or imports may carry.
const NEAREST: Record<string, ColorName> = {
  grey: 'gray', slate: 'gray', neutral: 'gray', amber: 'yellow', gold: 'yellow', brown: 'orange', sky: 'cyan', purple: 'violet', grape: 'violet',
  rose: 'pink', magenta: 'pink', emerald: 'green', turquoise: 'teal', lightblue: 'cyan',
};

/** The pair of a name; grey for an unknown one. */
export function colorName(name: string | null | undefined): ColorName {
  const wanted = (name ?? 'gray').toLowerCase();
  return (COLOR_NAMES as readonly string[]).includes(wanted) ? (wanted as ColorName) : (NEAREST[wanted] ?? 'gray');
}

/** CSS values of a pair. */
export function colorPair(name: string | null | undefined): { background: string; color: string } {
  const pair = colorName(name);
  return { background: `var(--k-chip-${pair})`, color: `var(--k-chip-${pair}-text)` };
}

/** A pair that stays the same for the same text: avatars, people, uncoloured options. */
export function colorOfText(text: string): ColorName {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return COLOR_NAMES[1 + (hash % (COLOR_NAMES.length - 1))]!;
}
