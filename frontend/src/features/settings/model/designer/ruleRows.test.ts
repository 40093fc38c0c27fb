import { describe, expect, it } from 'vitest';

import type { Change, RuleDefinition } from '@/api/customization';
import { ruleRows } from './RulesEditor';

const rule = (label: string, position?: number): RuleDefinition => ({ label, when: null, then: [{ action: 'recommend', attribute: 'phone' }], position });
const change = (operation: Change['operation'], name: string, definition: object): Change => ({ id: name, kind: 'rule', operation, object: 'account', name, definition: definition as Change['definition'] });

describe('ruleRows', () => {
  it('keeps the order of the rules and shows what the draft does', () => {
    const rows = ruleRows({ b: rule('Second', 2), a: rule('First', 1) }, [change('delete', 'a', {}), change('update', 'b', rule('Changed', 2)), change('create', 'c', rule('New', 3))], 'account');
    expect(rows.map((row) => [row.definition.label, row.draft])).toEqual([
      ['First', 'deleted'],
      ['Changed', 'changed'],
      ['New', 'new'],
    ]);
  });

  it('ignores rules of other objects', () => {
    expect(ruleRows({}, [{ ...change('create', 'x', rule('X')), object: 'contact' }], 'account')).toEqual([]);
  });
});
