// From a fresh clone to a trained network: installs and builds what the digits example needs, no
// more, and trains it.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildEngine } from './engine.mjs';
import { root, run } from './run.mjs';
import { Steps } from './steps.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { buildPackages, digits, installNpmPackages } from './workspaces.mjs';

const args = process.argv.slice(2);
answerOptions();
const steps = new Steps('start');
await steps.step('system packages', (task) => installSystemPackages(task, { withTests: false }));
await steps.step('npm packages', (task) => installNpmPackages(task, digits));
await steps.step('engine', (task) => buildEngine(task, { withTests: false }));
await steps.step('packages', (task) => buildPackages(task, digits));
console.log();
run([process.execPath, join(root, digits, 'dist', 'main.js'), ...args], { stdio: 'inherit' });

/** Help and wrong options are answered before anything is installed or built. */
function answerOptions() {
  const require = createRequire(import.meta.url);
  const { OptionError, readOptions, usage } = require('../examples/shared/src/options.cjs');
  const commandLine = require(`../${digits}/src/options.cjs`);
  try {
    if (readOptions(commandLine, args) === null) {
      console.log(usage(commandLine));
      process.exit(0);
    }
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(`${error.message}; see npm start -- --help`);
    process.exit(1);
  }
}
