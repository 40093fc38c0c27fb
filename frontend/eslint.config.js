import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

// Highest floor first: a file may import its own floor and the ones after it, never one before it.
const floors = ['app', 'features', 'records', 'fields', 'metadata', 'api', 'ui', 'i18n'];
const features = readdirSync(new URL('./src/features', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const forbid = (files, names, message) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: `^(@/|(\\.\\./)+)(${names.join('|')})(/|$)`, message },
          { regex: '^@mantine/core/styles\\.css$', message: 'Import only the styles that are used (src/ui/styles.ts).' },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  reactHooks.configs.flat.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // The compiler-based rules are advice for the React compiler, which is not in use; these two reject
      // patterns the table and virtual-list libraries need.
      'react-hooks/incompatible-library': 'off',
      'react-hooks/set-state-in-effect': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['error'] }],
    },
  },
  ...floors
    .slice(1)
    .map((floor, index) =>
      forbid(
        [`src/${floor}/**/*.{ts,tsx}`],
        floors.slice(0, index + 1),
        'Imports go app → features → records → fields → metadata → api → ui → i18n only.',
      ),
    ),
  ...features.map((feature) =>
    forbid(
      [`src/features/${feature}/**/*.{ts,tsx}`],
      ['app', ...features.filter((other) => other !== feature).map((other) => `features/${other}`)],
      'A feature never imports the app or another feature; lift what both need into records or below.',
    ),
  ),
  { files: ['scripts/**/*.mjs'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } }, rules: { 'no-console': 'off' } },
);
