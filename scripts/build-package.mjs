// Builds the package in the current folder: CommonJS and types by tsc, to which arguments such as
// --noCheck go, the faces for ES modules, and the texts that editors show.
import { rmSync } from 'node:fs';
import { run, tool } from './run.mjs';

rmSync('dist', { recursive: true, force: true });
run([tool('tsc'), '-p', 'tsconfig.build.json', ...process.argv.slice(2)], { cwd: process.cwd() });
await import('./document-declarations.mjs');
await import('./write-esm-wrapper.mjs');
