/** A value of the address; what only resembles a number, such as the search for "30e218" or "1.50", stays the text it is. */
export function addressValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'number' && String(value) !== text) throw new SyntaxError('a text');
  return value;
}
