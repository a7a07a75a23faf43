// Writes the ES module face of a package's CommonJS build: it re-exports by name, so that require,
// import and jest share one copy of the state.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const dist = join(process.cwd(), 'dist');
const exported = createRequire(join(dist, 'index.js'))('./index.js');
const names = Object.keys(exported)
  .filter((name) => name !== 'default' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
  .sort();

// A local name of its own for each, because `eval` and `var` can be exported but not declared.
const lines = names.map((name, i) => `const e${i} = m[${JSON.stringify(name)}];`);
const list = names.map((name, i) => `e${i} as ${name}`);
writeFileSync(
  join(dist, 'index.mjs'),
  `import m from './index.js';\n${lines.join('\n')}\nexport { ${list.join(', ')} };\n`,
);
// Types come from one file, or private names would make two incompatible classes.
writeFileSync(join(dist, 'index.d.mts'), `export * from './index.js';\n`);
