// What each package manager installs from the registry, with install scripts off, works.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, root } from '../../scripts/run.mjs';
import { check, succeed } from './check.mjs';
import { trainingProgram } from './consumers/training-program.mjs';

const bin = (name) => join(root, 'publishing', 'node_modules', '.bin', name);
const berry = [
  process.execPath,
  join(root, 'publishing', 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
];
const packages = ['@mlx/core', '@mlx/nn', '@mlx/optimizers'];
const node = [process.execPath];

/** What installs packages and what then runs a program, by package manager. */
const installers = {
  npm: { install: ['npm', 'install', '--ignore-scripts', '--save', ...packages], run: node },
  pnpm: { install: [...pnpm, 'add', '--ignore-scripts', ...packages], run: node },
  yarn: {
    install: [bin('yarn'), 'add', '--ignore-scripts', '--non-interactive', ...packages],
    run: node,
  },
};
const moreInstallers = {
  'yarn 4, node_modules': {
    install: [...berry, 'add', ...packages],
    run: node,
    settings: 'nodeLinker: node-modules\nenableScripts: false\nnpmMinimalAgeGate: 0\n',
  },
  "yarn 4, plug'n'play": {
    install: [...berry, 'add', ...packages],
    run: [...berry, 'node'],
    // Yarn resolves `import` only where a package is of type module, or where it is told to.
    settings: 'enableScripts: false\nnpmMinimalAgeGate: 0\npnpEnableEsmLoader: true\n',
  },
};
const moreVersionsOfNode = [22, 24, 26];

/** Installs by each; returns the folder that npm installed into. */
export async function checkInstallers(registry, folder, all) {
  const chosen = all ? { ...installers, ...moreInstallers } : installers;
  for (const [name, installer] of Object.entries(chosen))
    await check(`${name} installs it`, () => install(registry, folder, name, installer));
  const application = join(folder, 'npm');
  if (all) {
    for (const version of moreVersionsOfNode)
      await check(`Node ${version} trains`, () => trainWith(version, registry, folder));
    for (const name of ['core', 'nn', 'optimizers'])
      await check(`@mlx/${name} alone`, () => installAlone(name, registry, folder));
  }
  return application;
}

function project(folder, name) {
  const path = join(folder, name.replace(/\W+/g, '-'));
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), '{ "name": "application", "private": true }\n');
  return path;
}

function install(registry, folder, name, { install, run, settings }) {
  const cwd = project(folder, name);
  if (settings) {
    writeFileSync(join(cwd, '.yarnrc.yml'), settings);
    // Without a lock file of its own a project below another one is taken for a part of that.
    writeFileSync(join(cwd, 'yarn.lock'), '');
  }
  writeFileSync(join(cwd, 'train.mjs'), trainingProgram);
  const env = { ...registry.environment, npm_config_store_dir: join(folder, 'pnpm-store') };
  succeed(install, { cwd, env });
  succeed([...run, 'train.mjs'], { cwd, env });
}

/** The npm package `node-<platform>` holds another version of Node. */
function trainWith(version, registry, folder) {
  const cwd = project(folder, `node-${version}`);
  const name = `node-${process.platform}-${process.arch}`;
  const options = { cwd, env: registry.environment };
  succeed(['npm', 'install', '--ignore-scripts', `${name}@${version}`], options);
  const program = join(cwd, 'node_modules', name, 'bin', 'node');
  succeed([program, join(folder, 'npm', 'train.mjs')]);
}

/** Each brings what it needs: by npm it can be used without naming the others. */
function installAlone(name, registry, folder) {
  const cwd = project(folder, `alone-${name}`);
  succeed(['npm', 'install', '--ignore-scripts', `@mlx/${name}`], {
    cwd,
    env: registry.environment,
  });
  const program = `const keys = Object.keys(require('@mlx/${name}'));
    if (keys.length < 10) throw new Error('only ' + keys);`;
  succeed([process.execPath, '-e', program], { cwd });
}
