// Every component of the library that is used needs its style imported somewhere: only used styles are shipped, so a
// forgotten one shows as a naked control. Fails with the names that are missing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));
const styles = fileURLToPath(new URL('../node_modules/@mantine/core/styles', import.meta.url));

// Styles a component brings along from others.
const ALSO = {
  Autocomplete: ['Combobox', 'Input', 'ScrollArea'], Checkbox: ['InlineInput'], Drawer: ['ModalBase', 'Overlay'], FileInput: ['Input'], Menu: ['Popover'],
  Modal: ['ModalBase', 'Overlay', 'Paper'], MultiSelect: ['Combobox', 'Input', 'Pill', 'PillsInput', 'ScrollArea'], NativeSelect: ['Input'],
  NumberInput: ['Input'], PasswordInput: ['Input', 'ActionIcon'], PillsInput: ['Input'], Radio: ['InlineInput'], SegmentedControl: ['FloatingIndicator'],
  Select: ['Combobox', 'Input', 'ScrollArea'], Switch: ['InlineInput'], TagsInput: ['Combobox', 'Input', 'Pill', 'PillsInput', 'ScrollArea'], Tabs: ['FloatingIndicator'], TextInput: ['Input'],
  Textarea: ['Input'],
};

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name)) yield path;
  }
}

const used = new Map();
const imported = new Set();
for (const path of files(src)) {
  const text = readFileSync(path, 'utf8');
  for (const [, name] of text.matchAll(/@mantine\/core\/styles\/(\w+)\.layer\.css/g)) imported.add(name);
  for (const [, names] of text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)) {
    for (const name of names.split(',').map((part) => part.trim()).filter((part) => /^[A-Z]/.test(part))) {
      for (const style of [name, ...(ALSO[name] ?? [])]) {
        if (existsSync(join(styles, `${style}.layer.css`))) used.set(style, [...(used.get(style) ?? []), path.slice(src.length + 1)]);
      }
    }
  }
}

const missing = [...used].filter(([name]) => !imported.has(name));
for (const [name, where] of missing) console.error(`${name}: no style imported, used in ${[...new Set(where)].join(', ')}`);
const idle = [...imported].filter((name) => !used.has(name) && !/^(baseline|global|default)/.test(name));
if (idle.length) console.log(`Imported but not used directly: ${idle.join(', ')}`);
if (missing.length) process.exit(1);
