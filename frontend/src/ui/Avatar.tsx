import { colorOfText, colorPair } from './colors';

/** First letters or digits of the first and the last word. */
export function initials(name: string): string {
  const letters = name.split(/[\s.,@_-]+/).flatMap((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? []);
  return ((letters[0] ?? '?') + (letters.length > 1 ? letters.at(-1) : '')).toUpperCase();
}

/** A person as coloured initials; decorative, the name stands beside it or in the title. */
export function Avatar({ name, size = 20, square }: { name: string; size?: number; square?: boolean }) {
  return (
    <span
      aria-hidden
      title={name}
      style={{
        ...colorPair(colorOfText(name)),
        width: size,
        height: size,
        flex: 'none',
        borderRadius: square ? 6 : '50%',
        display: 'inline-flex',
        alignItems: 'center',
        justifyContent: 'center',
        fontSize: Math.max(9, Math.round(size * 0.42)),
        lineHeight: 1,
        fontWeight: 600,
        letterSpacing: 0,
        userSelect: 'none',
      }}
    >
      {initials(name)}
    </span>
  );
}
