// Publishes what is not published yet: first every check, then the platforms' packages, core, and
// what depends on it, so that no package is ever there before what it needs. A release that broke
// off is finished by running this again. The registry and the right to publish are npm's own
// settings; from the release workflow it is trusted publishing, without any token.
// release.mjs [--check]   --check ends after the checks
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, pnpm, root, run } from '../scripts/run.mjs';
import { checkArchive, checkFolders } from './checks.mjs';
import { pack } from './pack.mjs';
import { publishedPackages } from './packages.mjs';

const temporary = mkdtempSync(join(tmpdir(), 'mlx-release-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

const packages = publishedPackages(root);
refuseIf(checkFolders(packages));
for (const one of packages)
  one.archive = pack(one.folder, join(temporary, one.manifest.name.replace('/', '-')));
refuseIf(packages.flatMap(checkArchive));
console.log(`checked: ${packages.map(({ manifest }) => manifest.name).join(', ')}`);
if (!process.argv.includes('--check')) await publishAll();

function refuseIf(problems) {
  if (problems.length === 0) return;
  console.error(`Nothing was published:\n${problems.map((one) => `- ${one}`).join('\n')}`);
  process.exit(1);
}

async function publishAll() {
  for (const { manifest, archive } of packages) {
    const name = `${manifest.name}@${manifest.version}`;
    if (isThere(name)) {
      console.log(`${name} is published already`);
      continue;
    }
    run(['npm', 'publish', archive, '--access', 'public']);
    await untilThere(name);
    console.log(`${name} is published`);
  }
  // Tags tell the workflow, and people, what was released.
  run([...pnpm, 'exec', 'changeset', 'tag']);
}

function isThere(name) {
  const { status, output } = capture(['npm', 'view', name, 'version', '--prefer-online']);
  if (status === 0) return output.trim() !== '';
  if (!output.includes('E404')) {
    console.error(`npm view ${name}:\n${output}`);
    process.exit(1);
  }
  return false;
}

/** A registry may take a while to show what it has taken. */
async function untilThere(name) {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (isThere(name)) return;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  console.error(`${name} was taken but is not there after two minutes; run this again later`);
  process.exit(1);
}
