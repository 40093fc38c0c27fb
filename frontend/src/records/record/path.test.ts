import { describe, expect, it } from 'vitest';

import type { Entity } from '@/metadata';
import { pathOf } from './path';

const option = (value: number, label: string, active = true) => ({ value, label, color: 'blue', active });
const entity = (path: string | null) =>
  ({
    forms: { main: { path } },
    attributes: [
      { name: 'stage', label: 'Stage', type: 'pick', options: [option(1, 'Qualify'), option(2, 'Old', false), option(3, 'Propose')] },
      { name: 'status_reason', label: 'Status', type: 'status_reason', options: [] },
    ],
    states: [
      { value: 'open', label: 'Open', closed: false, color: 'blue', reasons: [{ value: 1, label: 'New' }, { value: 2, label: 'Contacted' }] },
      { value: 'won', label: 'Won', closed: true, color: 'green', reasons: [{ value: 3, label: 'Won' }] },
    ],
  }) as unknown as Entity;

describe('pathOf', () => {
  it('knows what is done, where one is and what lies ahead', () => {
    const path = pathOf(entity('stage'), { id: '1', state: 'open', stage: 3 })!;
    expect(path.steps.map((step) => [step.label, step.position])).toEqual([
      ['Qualify', 'done'],
      ['Propose', 'current'],
    ]);
    expect(path.end).toBeNull();
  });
  it('still shows a retired stage to the record that is in it', () => {
    expect(pathOf(entity('stage'), { id: '1', state: 'open', stage: 2 })!.steps).toHaveLength(3);
  });
  it('ends with the closed state and has nothing done without a stage', () => {
    expect(pathOf(entity('stage'), { id: '1', state: 'won', stage: 1 })!.end!.label).toBe('Won');
    expect(pathOf(entity('stage'), { id: '1', state: 'open', stage: null })!.steps.every((step) => step.position === 'ahead')).toBe(true);
  });
  it('follows the status of the open states, and is absent where none is declared', () => {
    expect(pathOf(entity('status_reason'), { id: '1', state: 'open', status_reason: 1 })!.steps.map((step) => step.label)).toEqual(['New', 'Contacted']);
    expect(pathOf(entity(null), { id: '1' })).toBeNull();
  });
});
