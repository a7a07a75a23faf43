// The packages as people get them: published by the release script to a registry on this machine,
// installed from there, and used. Ends with `N passed, N failed, N skipped`.
// test.mjs [--all]   --all: every package manager and Node version that is supported
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkArchives } from './test/archives.mjs';
import { checkBinary } from './test/binary.mjs';
import { counts } from './test/check.mjs';
import { checkConsumers } from './test/consumers.mjs';
import { checkInstallers } from './test/installers.mjs';
import { startRegistry } from './test/registry.mjs';
import { checkOnePackage, checkRelease } from './test/release.mjs';
import { StagedRepository } from './test/staged-repository.mjs';

const all = process.argv.includes('--all');
const folder = mkdtempSync(join(tmpdir(), 'mlx-publishing-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const subfolder = (name) => {
  mkdirSync(join(folder, name));
  return join(folder, name);
};

try {
  const registry = await startRegistry(subfolder('registry'));
  const repository = new StagedRepository(subfolder('repository'));
  await checkRelease(repository, registry);
  await checkArchives(subfolder('archives'));
  const application = await checkInstallers(registry, subfolder('installers'), all);
  await checkConsumers(application);
  await checkBinary(application, subfolder('binary'));
  await checkOnePackage(repository, registry);
} catch (error) {
  counts.failed += 1;
  console.log(`publishing: ${error.stack}`);
}
const { passed, failed, skipped } = counts;
console.log(`publishing: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
