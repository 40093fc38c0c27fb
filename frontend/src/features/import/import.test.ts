import { describe, expect, it } from 'vitest';

import type { ImportColumn, ImportDocument, ImportMatch } from '@/api/imports';
import type { Entity } from '@/metadata';
import { fittingFormats, formatLabel, otherReading, readDate } from './dates';
import { guessStrength, importTargets, keyTargets, mappingProblems, repairedMatch, scaled, unmappedColumns, withColumn } from './mapping';
import { neighbourStep, openStep, reachedStep } from './steps';
import { MAX_BYTES, refusalOf } from './uploads';

const column = (index: number, header: string, attribute: string | null, score = 0.95): ImportColumn => ({
  index, header, samples: [], mapping: attribute ? { attribute } : null, guess_score: score, kind: 'text', date_formats: [],
});

const document = (more: Partial<ImportDocument> = {}): ImportDocument => ({
  id: 'i1', file_name: 'accounts.csv', state: 'uploaded', format: { kind: 'csv' }, row_count: 85, object: 'account', object_guesses: [],
  columns: [column(0, 'account', 'name'), column(1, 'sector', 'industry', 0.5), column(2, 'notes', null)],
  mapping: { columns: {}, constants: {} }, match: { mode: 'both', keys: ['name'], on_conflict: 'overwrite', duplicates: 'create' }, stats: {}, job: null, ...more,
});

const entity = {
  attributes: [
    { name: 'name', label: 'Name', type: 'text', required: true, default: null, options: [] },
    { name: 'industry', label: 'Industry', type: 'pick', required: false, default: null, options: [{ value: 1, label: 'Retail', active: true }, { value: 2, label: 'Old', active: false }] },
    { name: 'stage', label: 'Stage', type: 'pick', required: false, default: null, options: [{ value: 1, label: 'Qualify', color: 'blue', active: true }] },
    { name: 'owner', label: 'Owner', type: 'owner', required: true, default: null, options: [] },
    { name: 'number', label: 'Number', type: 'auto', required: true, read_only: true, options: [] },
  ],
  states: [
    { value: 'open', label: 'Open', color: 'blue', reasons: [{ value: 1, label: 'In progress' }, { value: 2, label: 'On hold' }] },
    { value: 'won', label: 'Won', color: 'green', reasons: [{ value: 3, label: 'Won' }] },
  ],
  board: { attribute: 'stage' },
} as unknown as Entity;
const targets = importTargets(document(), entity, 'Stage or state', 'Record id');

const create: ImportMatch = { mode: 'create', keys: [], on_conflict: 'overwrite', duplicates: 'create' };

describe('dates of a file', () => {
  it('reads day-month-two-digit-year', () => {
    expect(readDate('20-10-16', '%d-%m-%y')).toBe('2016-10-20');
    expect(readDate('01-03-17', '%d-%m-%y')).toBe('2017-03-01');
    expect(readDate('31-02-17', '%d-%m-%y')).toBeNull();
    expect(readDate('20-10-16', '%m-%d-%y')).toBeNull();
    expect(readDate('1.2.1999', '%d.%m.%Y')).toBe('1999-02-01');
  });

  it('offers the formats that read every sample and knows when a person must decide', () => {
    expect(fittingFormats(['20-10-16', '01-03-17'])).toEqual(['%d-%m-%y']);
    expect(otherReading(['01/02/2020'], '%d/%m/%Y', fittingFormats(['01/02/2020']))).toBe('2020-01-02');
    expect(otherReading(['02/02/2020', '01/02/2020'], '%d/%m/%Y', ['%d/%m/%Y', '%m/%d/%Y'])).toBe('2020-01-02');
    expect(otherReading(['13/02/2020'], '%d/%m/%Y', fittingFormats(['13/02/2020']))).toBeNull();
    expect(otherReading(['20-10-16'], '%d-%m-%y', ['%d-%m-%y', '%y-%m-%d'])).toBe('2020-10-16');
    expect(formatLabel('%d-%m-%y')).toBe('DD-MM-YY');
  });
});

describe('scale', () => {
  it('moves the point without rounding', () => {
    expect(scaled('1100.04', 1_000_000)).toBe('1100040000');
    expect(scaled('251.41', 1000)).toBe('251410');
    expect(scaled('0.5', 1000)).toBe('500');
    expect(scaled('-0.0000001', 1000)).toBe('-0.0001');
    expect(scaled('12', null)).toBe('12');
    expect(scaled('n/a', 1000)).toBeNull();
  });
});

describe('mapping', () => {
  it('can make stages and states of one column, and never what the server keeps', () => {
    expect(targets.map((target) => target.name)).toEqual(['name', 'industry', 'stage', 'owner', 'stage_or_state', 'id']);
    expect(targets[1]!.options!.map((option) => option.label)).toEqual(['Retail']);
    expect(targets[4]!.options!.map((option) => option.label)).toEqual(['Qualify', 'Open', 'Open: In progress', 'Open: On hold', 'Won']);
    expect(targets[4]!.options![4]!.value).toEqual({ state: 'won' });
  });

  it('drops match keys that are no longer mapped', () => {
    const both: ImportMatch = { ...create, mode: 'both', keys: ['name'] };
    expect(repairedMatch(both, targets, { columns: { 0: { attribute: 'name' } }, constants: {} })).toEqual(both);
    expect(repairedMatch(both, targets, { columns: { 0: { attribute: 'industry' } }, constants: {} })).toMatchObject({ mode: 'create', keys: [] });
    expect(keyTargets(targets, { columns: { 0: { attribute: 'name' }, 1: { attribute: 'industry' } }, constants: {} }).map((target) => target.name)).toEqual(['name']);
  });

  it('says how far a guess can be trusted and what stays out', () => {
    const doc = document();
    const mapping = { columns: { 0: { attribute: 'name' }, 1: { attribute: 'industry' } }, constants: {} };
    expect(doc.columns.map((entry) => guessStrength(entry, mapping))).toEqual(['sure', 'unsure', 'none']);
    expect(guessStrength(doc.columns[2]!, withColumn(mapping, 2, { attribute: 'name' }))).toBe('chosen');
    expect(unmappedColumns(doc.columns, mapping).map((entry) => entry.header)).toEqual(['notes']);
    expect(unmappedColumns(doc.columns, withColumn(mapping, 0, null))).toHaveLength(2);
  });

  it('finds what would fail in every row', () => {
    const mapping = { columns: { 0: { attribute: 'industry' }, 1: { attribute: 'industry' } }, constants: {} };
    const found = mappingProblems(targets, mapping, { ...create, mode: 'both', keys: ['name'] });
    expect(found.map((problem) => problem.kind)).toEqual(['twice', 'required_missing', 'key_unmapped']);
    expect(mappingProblems(targets, { columns: {}, constants: {} }, create)[0]!.kind).toBe('nothing_mapped');
    expect(mappingProblems(targets, { columns: { 0: { attribute: 'name' } }, constants: {} }, create)).toEqual([]);
    expect(mappingProblems(targets, { columns: { 0: { attribute: 'gone' } }, constants: { name: 'x' } }, create).map((problem) => problem.kind)).toEqual(['gone']);
  });

  it('does not ask for required values when rows are only updated', () => {
    const found = mappingProblems(targets, { columns: { 1: { attribute: 'industry' } }, constants: {} }, { ...create, mode: 'update', keys: ['industry'] });
    expect(found).toEqual([]);
  });
});

describe('steps', () => {
  it('opens where the import stands', () => {
    expect(reachedStep(document({ object: null }))).toBe('object');
    expect(reachedStep(document({ state: 'mapped' }))).toBe('columns');
    expect(reachedStep(document({ state: 'checked' }))).toBe('check');
    expect(reachedStep(document({ state: 'done' }))).toBe('run');
  });

  it('goes where the address says, unless rows were written or the object is open', () => {
    expect(openStep(document({ state: 'checked' }), 'columns')).toBe('columns');
    expect(openStep(document({ state: 'done' }), 'columns')).toBe('run');
    expect(openStep(document({ object: null }), 'match')).toBe('object');
    expect(openStep(document(), 'run')).toBe('columns');
    expect(openStep(document(), 'nonsense')).toBe('columns');
  });

  it('leaves the page of values out when no column needs it', () => {
    expect(neighbourStep('columns', 1, true)).toBe('values');
    expect(neighbourStep('columns', 1, false)).toBe('match');
    expect(neighbourStep('match', -1, false)).toBe('columns');
    expect(neighbourStep('object', -1, false)).toBeNull();
  });
});

describe('files refused before sending', () => {
  it('names the reason', () => {
    expect(refusalOf({ name: 'a.csv', size: 10 })).toBeNull();
    expect(refusalOf({ name: 'A.XLSX', size: 10 })).toBeNull();
    expect(refusalOf({ name: 'a.xls', size: 10 })).toBe('old_excel');
    expect(refusalOf({ name: 'a.numbers', size: 10 })).toBe('numbers_app');
    expect(refusalOf({ name: 'a.exe', size: 10 })).toBe('wrong_kind');
    expect(refusalOf({ name: 'noending', size: 10 })).toBe('wrong_kind');
    expect(refusalOf({ name: 'a.csv', size: 0 })).toBe('empty');
    expect(refusalOf({ name: 'a.csv', size: MAX_BYTES + 1 })).toBe('too_large');
  });
});
