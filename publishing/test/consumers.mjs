// Projects of the kinds that people have, each using the installed packages.
import { checkBundles } from './consumers/bundles.mjs';
import { checkModuleSystems } from './consumers/both-module-systems.mjs';
import { checkRuntimes } from './consumers/runtimes.mjs';
import { checkStarter } from './consumers/starter.mjs';
import { checkTestRunners } from './consumers/test-runners.mjs';
import { checkTypeScript } from './consumers/typescript.mjs';

/** `application` is a folder into which npm installed the packages. */
export async function checkConsumers(application) {
  await checkModuleSystems(application);
  await checkTypeScript(application);
  await checkTestRunners(application);
  await checkBundles(application);
  await checkRuntimes(application);
  await checkStarter(application);
}
