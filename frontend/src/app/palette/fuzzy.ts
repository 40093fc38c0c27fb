/** How well typed letters fit a text: all letters in order; starts of words and runs count more. 0 is no match. */
export function fuzzyScore(typed: string, text: string): number {
  const wanted = typed.trim().toLowerCase();
  const hay = text.toLowerCase();
  if (!wanted) return 1;
  const whole = hay.indexOf(wanted);
  if (whole >= 0) return 100 - Math.min(whole, 50) + (whole === 0 || /\W/.test(hay[whole - 1] ?? '') ? 50 : 0);
  let score = 0;
  let at = 0;
  let run = 0;
  for (const letter of wanted) {
    if (letter === ' ') continue;
    const found = hay.indexOf(letter, at);
    if (found < 0) return 0;
    const startsWord = found === 0 || /\W/.test(hay[found - 1]!);
    run = found === at ? run + 1 : 0;
    score += 1 + (startsWord ? 3 : 0) + run;
    at = found + 1;
  }
  // Letters scattered over a long text mean nothing.
  return score >= wanted.replace(/ /g, '').length * 2 ? score : 0;
}
