// Writes the ES module faces of a package's CommonJS build, one for each of its entries: they
// re-export by name, so that require, import and jest share one copy of the state.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const folder = process.cwd();
const require = createRequire(join(folder, 'package.json'));
const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function writeFace({ import: { types, default: face }, require: { default: source } }) {
  const exported = require(source);
  const names = Object.keys(exported)
    .filter((name) => name !== 'default' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
    .sort();

  // A local name of its own for each, because `eval` and `var` can be exported but not declared.
  const lines = names.map((name, i) => `const e${i} = m[${JSON.stringify(name)}];`);
  const list = names.map((name, i) => `e${i} as ${name}`);
  writeFileSync(
    join(folder, face),
    `import m from './${basename(source)}';\n${lines.join('\n')}\nexport { ${list.join(', ')} };\n`,
  );
  // Types come from one file, or private names would make two incompatible classes.
  writeFileSync(join(folder, types), `export * from './${basename(source)}';\n`);
}

for (const entry of Object.values(exports)) if (typeof entry === 'object') writeFace(entry);
