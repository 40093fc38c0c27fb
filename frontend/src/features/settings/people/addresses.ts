const ADDRESS = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]{2,}$/;

/**
 * E-mail addresses from a typed or pasted list; `Ana Berg <ana@example.com>` is read too.
 *
 * @returns `good` addresses once each in lower case, `bad` pieces that are none
 */
export function splitAddresses(text: string): { good: string[]; bad: string[] } {
  const pieces = text
    .split(/[,;\n]+/)
    .map((piece) => /<([^>]+)>/.exec(piece)?.[1]?.trim() ?? piece.trim())
    .flatMap((piece) => (piece.includes('@') ? piece.split(/\s+/) : [piece]))
    .filter(Boolean);
  const good = pieces.filter((piece) => ADDRESS.test(piece)).map((piece) => piece.toLowerCase());
  return { good: [...new Set(good)], bad: pieces.filter((piece) => !ADDRESS.test(piece)) };
}
