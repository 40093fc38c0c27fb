import { describe, expect, it } from 'vitest';

import { addSection, addTab, allSections, definitionFrom, drawnFrom, moveSectionTo, moveTab, namesIn, place, placedNames, removeSection, removeTab, step, take, untitledTabs, type DrawnForm } from './formDocument';

const form = (): DrawnForm =>
  drawnFrom({
    tabs: [
      { label: 'Main', sections: [{ label: '', columns: 2, attributes: ['name', 'phone', 'email'] }, { label: 'More', columns: 1, attributes: ['industry'] }] },
      { label: 'Money', sections: [{ label: '', columns: 3, attributes: ['revenue'] }] },
    ],
    header: ['phone'],
    related: ['contacts'],
    quick_create: ['name'],
  });
const shape = (drawn: DrawnForm) => drawn.tabs.map((tab) => tab.sections.map((section) => section.attributes));

describe('placing fields', () => {
  it('moves within a section to where it was dropped', () => {
    const start = form();
    const zone = start.tabs[0]!.sections[0]!.id;
    expect(namesIn(place(start, 'name', zone, 2), zone)).toEqual(['phone', 'name', 'email']);
    expect(namesIn(place(start, 'email', zone, 0), zone)).toEqual(['email', 'name', 'phone']);
    expect(namesIn(place(start, 'name', zone, 3), zone)).toEqual(['phone', 'email', 'name']);
  });

  it('stands in one section only, also across tabs', () => {
    const start = form();
    const moved = place(start, 'name', start.tabs[1]!.sections[0]!.id, 0);
    expect(shape(moved)).toEqual([[['phone', 'email'], ['industry']], [['name', 'revenue']]]);
    expect(allSections(moved).flatMap((section) => section.attributes).filter((name) => name === 'name')).toHaveLength(1);
  });

  it('keeps the lists beside the tabs apart from the tabs', () => {
    const next = place(form(), 'email', 'header', 0);
    expect(next.header).toEqual(['email', 'phone']);
    expect(placedNames(next).has('email')).toBe(true);
    expect(take(next, 'email', 'header').header).toEqual(['phone']);
  });

  it('does not overfill the header', () => {
    let next = form();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) next = place(next, name, 'header', 99);
    expect(next.header).toHaveLength(7);
  });

  it('steps by keyboard, and on into the neighbouring section', () => {
    const start = form();
    const zone = start.tabs[0]!.sections[0]!.id;
    expect(namesIn(step(start, 'phone', zone, 1), zone)).toEqual(['name', 'email', 'phone']);
    expect(namesIn(step(start, 'phone', zone, -1), zone)).toEqual(['phone', 'name', 'email']);
    expect(shape(step(start, 'email', zone, 1))[0]).toEqual([['name', 'phone'], ['email', 'industry']]);
    expect(step(start, 'name', zone, -1)).toBe(start);
  });
});

describe('tabs and sections', () => {
  it('are added, moved and removed; the last tab stays', () => {
    const start = form();
    const second = start.tabs[1]!.id;
    expect(moveTab(start, second, -1).tabs.map((tab) => tab.label)).toEqual(['Money', 'Main']);
    expect(moveTab(start, second, 1).tabs.map((tab) => tab.label)).toEqual(['Main', 'Money']);
    expect(addTab(start, 'New', 'a').tabs.at(-1)!.sections).toHaveLength(1);
    expect(addSection(start, second, 'Next', 'b').tabs[1]!.sections.map((section) => section.label)).toEqual(['', 'Next']);
    const one = removeTab(start, second);
    expect(placedNames(one).has('revenue')).toBe(false);
    expect(removeTab(one, one.tabs[0]!.id)).toBe(one);
    expect(shape(moveSectionTo(start, start.tabs[0]!.sections[1]!.id, second))).toEqual([[['name', 'phone', 'email']], [['revenue'], ['industry']]]);
    expect(shape(removeSection(start, start.tabs[0]!.sections[0]!.id))[0]).toEqual([['industry']]);
  });
});

describe('what is stored', () => {
  it('has no ids and no names that are gone', () => {
    const definition = definitionFrom(form(), new Set(['name', 'revenue']), new Set(['contacts']));
    expect(definition).toEqual({
      tabs: [
        { label: 'Main', labels: {}, sections: [{ label: '', labels: {}, columns: 2, attributes: ['name'] }, { label: 'More', labels: {}, columns: 1, attributes: [] }] },
        { label: 'Money', labels: {}, sections: [{ label: '', labels: {}, columns: 3, attributes: ['revenue'] }] },
      ],
      header: [],
      related: ['contacts'],
      quick_create: ['name'],
    });
    expect(drawnFrom(definition).tabs.map((tab) => tab.label)).toEqual(['Main', 'Money']);
  });

  it('needs a title for each tab', () => {
    const start = form();
    start.tabs[1]!.label = '  ';
    expect(untitledTabs(start)).toEqual([start.tabs[1]!.id]);
  });
});
