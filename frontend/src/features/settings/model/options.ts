/** Options as the dialogs edit them: deleted ones stay among them until they are sent. */
import type { OptionDefinition } from '@/api/customization';

/** What a list's options are called in the draft or as published, without those that are gone for good. */
export function editableOptions(drafted: OptionDefinition[] | undefined, published: OptionDefinition[] | undefined): OptionDefinition[] {
  const gone = new Set((published ?? []).filter((option) => option.removed).map((option) => option.value));
  return (drafted ?? published ?? []).filter((option) => !(option.removed && gone.has(option.value)));
}

/** Rows with a label; an empty last row is not an option. */
export const withoutEmpty = (options: OptionDefinition[]): OptionDefinition[] =>
  options
    .filter((option) => option.label.trim() && !option.removed)
    .map(({ removed: _removed, replacement: _replacement, ...option }) => ({ ...option, label: option.label.trim(), ...(option.labels ? { labels: Object.fromEntries(Object.entries(option.labels).filter(([, text]) => text.trim())) } : {}) }));

/** What the server is told: the options that stay, and what takes the place of those that go. */
export function optionsToSend(options: OptionDefinition[]): { options: OptionDefinition[]; replacements?: Record<string, number | null> } {
  const said = options.filter((option) => option.removed && option.replacement !== undefined).map((option) => [String(option.value), option.replacement ?? null] as const);
  return { options: withoutEmpty(options), ...(said.length ? { replacements: Object.fromEntries(said) } : {}) };
}
