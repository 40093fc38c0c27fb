// Prints the JS and CSS the browser loads for the first page (entry + its static imports + the list route and
// everything it imports statically), gzip -6, and fails above the budget (PERFORMANCE.md goal n).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MUST_KB = 280;
const AIM_KB = 220;
const ROUTE_KB = 40;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

function closure(roots) {
  const seen = new Set();
  const files = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  roots.forEach(visit);
  return files;
}

const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 6 }).length / 1024;
const total = (files) => [...files].reduce((sum, file) => sum + size(file), 0);

const entry = Object.keys(manifest).filter((key) => manifest[key].isEntry);
const listRoute = Object.keys(manifest).filter((key) => key.endsWith('app/routes/objectList.tsx'));
const language = Object.keys(manifest).filter((key) => key.endsWith('i18n/en/index.ts'));
const first = closure([...entry, ...listRoute, ...language]);

for (const file of [...first].sort((a, b) => size(b) - size(a))) console.log(`${size(file).toFixed(1).padStart(8)} KB  ${file}`);
const sum = total(first);
console.log(`${sum.toFixed(1).padStart(8)} KB  first page (must ≤ ${MUST_KB}, aim ≤ ${AIM_KB})`);

const heavy = Object.keys(manifest)
  .filter((key) => manifest[key].isDynamicEntry && (key.includes("app/routes/") || /features\/[^/]+\/route\.tsx$/.test(key)))
  .map((key) => [key, total([...closure([key])].filter((file) => !first.has(file)))]);
for (const [key, kb] of heavy) {
  if (kb > 0.05) console.log(`${kb.toFixed(1).padStart(8)} KB  further for ${key}${kb > ROUTE_KB ? `  (above the aim of ${ROUTE_KB})` : ''}`);
}
if (sum > MUST_KB) {
  console.error(`The first page is ${(sum - MUST_KB).toFixed(1)} KB over the budget.`);
  process.exit(1);
}
