// Installs what a fresh machine lacks for everything here: system packages and npm packages.
import { Steps } from './steps.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { installNpmPackages } from './workspaces.mjs';

const steps = new Steps('setup');
await steps.step('system packages', (task) => installSystemPackages(task, { withTests: true }));
await steps.step('npm packages', (task) => installNpmPackages(task));
