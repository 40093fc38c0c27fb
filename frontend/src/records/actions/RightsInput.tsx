import { useT, type Key } from '@/i18n';
import type { FieldAttribute } from '@/fields';
import { Checkbox, Group, Input } from '@mantine/core';

const RIGHTS = { read: 'record.rights.read', write: 'record.rights.write', delete: 'record.rights.delete', assign: 'record.rights.assign', share: 'record.rights.share' } satisfies Record<string, Key>;

const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',').map((part) => part.trim()).filter(Boolean) : []);

/** Rights of a share as check boxes; reading is part of every other right. */
export function RightsInput({ attribute, value, onChange }: { attribute: FieldAttribute; value: unknown; onChange: (value: unknown) => void }) {
  const t = useT();
  const chosen = new Set(['read', ...asList(value)]);
  const toggle = (right: string, on: boolean) => {
    const next = Object.keys(RIGHTS).filter((name) => (name === right ? on : chosen.has(name)));
    onChange(attribute.type === 'text' ? next.join(',') : next);
  };
  return (
    <Input.Wrapper label={attribute.label} labelElement="div" size="sm">
      <Group gap={16} role="group" aria-label={attribute.label}>
        {Object.entries(RIGHTS).map(([right, label]) => (
          <Checkbox key={right} size="sm" label={t(label)} checked={chosen.has(right)} disabled={right === 'read'} onChange={(event) => toggle(right, event.currentTarget.checked)} />
        ))}
      </Group>
    </Input.Wrapper>
  );
}
