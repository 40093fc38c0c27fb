import { describe, expect, it } from 'vitest';

import { editableOptions, optionsToSend } from './options';

const a = { value: 1, label: 'A', color: null };
const b = { value: 2, label: 'B', color: null };

describe('options of a list', () => {
  it('leaves out what was deleted in an earlier version, but not what the draft deletes', () => {
    const gone = { ...b, removed: true };
    expect(editableOptions(undefined, [a, gone])).toEqual([a]);
    expect(editableOptions([a, gone], [a, b])).toEqual([a, gone]);
    expect(editableOptions([a, gone], [a, gone])).toEqual([a]);
  });

  it('sends what stays and what takes the place of the others', () => {
    expect(optionsToSend([a, { ...b, removed: true, replacement: 1 }])).toEqual({ options: [a], replacements: { 2: 1 } });
    expect(optionsToSend([a, { ...b, removed: true, replacement: null }])).toEqual({ options: [a], replacements: { 2: null } });
    expect(optionsToSend([a, { ...b, removed: true }, { label: ' ', color: null }])).toEqual({ options: [a] });
  });
});
