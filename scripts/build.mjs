// Builds the engine, the addon, the packages and the examples; with --tests also the C++ tests.
import { buildEngine } from './engine.mjs';
import { Steps } from './steps.mjs';
import { buildPackages } from './workspaces.mjs';

const withTests = process.argv.includes('--tests');
const steps = new Steps('build');
await steps.step(withTests ? 'engine and tests' : 'engine', (task) =>
  buildEngine(task, { withTests }),
);
await steps.step('packages', (task) => buildPackages(task));
