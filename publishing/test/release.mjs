// The release script against a registry: what it refuses, what it publishes, and in which order.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { check, fail, succeed } from './check.mjs';

/** Publishes everything that the staged repository holds; throws unless that worked. */
export async function checkRelease(repository, registry) {
  const options = { cwd: repository.folder, env: registry.environment };
  const command = [process.execPath, join(repository.folder, 'publishing', 'release.mjs')];
  const names = repository.packages().map(({ manifest }) => manifest.name.replace('@mlx/', ''));
  const archives = (packages = names) =>
    packages.map((name) => `${name}-${repository.versionOf(name)}.tgz`).sort();

  await check('versions that were not made are refused', () => {
    assert.match(fail(command, options), /still has version 0\.0\.0/);
  });
  repository.version();
  await check('each change is said once in the change logs', () => {
    const log = repository.changeLog('@mlx/nn');
    assert.ok(log.split('Updated dependencies').length <= 2, log);
  });
  await check('a release without one binary is refused whole', () => {
    repository.removeBinary('linux-arm64');
    assert.match(fail(command, options), /core-linux-arm64 has no binary/);
    assert.deepEqual(registry.published(), []);
  });
  await check("a release with another platform's binary is refused whole", () => {
    repository.giveBinary('linux-arm64', 'darwin-arm64');
    assert.match(fail(command, options), /was built for darwin-arm64/);
    repository.giveBinary('linux-arm64', 'linux-arm64');
    assert.deepEqual(registry.published(), []);
  });
  await check('a manifest that names another repository is refused in a workflow', () => {
    const env = { ...options.env, GITHUB_REPOSITORY: 'somebody/else' };
    assert.match(fail(command, { ...options, env }), /as its repository, not somebody\/else/);
  });
  const isPublished = await check('a release publishes all, what others need first', () => {
    const output = succeed(command, options);
    const order = [...output.matchAll(/@mlx\/(\S+)@\S+ is published$/gm)].map(([, name]) => name);
    assert.deepEqual([...order].sort(), [...names].sort());
    const place = (name) => order.indexOf(name);
    for (const name of names.filter((one) => one.startsWith('core-')))
      assert.ok(place(name) < place('core'), name);
    for (const name of ['nn', 'optimizers']) assert.ok(place('core') < place(name), name);
    assert.deepEqual(registry.published(), archives());
  });
  if (!isPublished) throw new Error('nothing can be consumed');
  await check('a release that broke off is finished', () => {
    for (const name of ['nn', 'optimizers']) registry.forget(name);
    const output = succeed(command, options);
    assert.match(output, /@mlx\/core@\S+ is published already/);
    assert.deepEqual(registry.published(), archives());
  });
}

/** One package changes, and only that one is published. */
export async function checkOnePackage(repository, registry) {
  const options = { cwd: repository.folder, env: registry.environment };
  await check('one changed package is published alone', () => {
    const before = registry.published();
    repository.bump('@mlx/optimizers', 'patch');
    succeed([process.execPath, join(repository.folder, 'publishing', 'release.mjs')], options);
    const added = registry.published().filter((name) => !before.includes(name));
    assert.deepEqual(added, [`optimizers-${repository.versionOf('optimizers')}.tgz`]);
  });
}
