// A copy of this repository in which a release can be tried: with the packages of all platforms,
// of which only this machine's holds a real engine.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { collectPlatformPackage } from '../../scripts/collect-platform-package.mjs';
import { capture, root } from '../../scripts/run.mjs';
import { platformOf, publishedPackages } from '../packages.mjs';
import { succeed } from './check.mjs';

const thisPlatform = `${process.platform}-${process.arch}`;
// A binary's first bytes: what tells the release for which platform it was built.
const headers = {
  'linux-x64': [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array(11).fill(0), 62, 0],
  'linux-arm64': [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array(11).fill(0), 183, 0],
  'darwin-arm64': [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1, ...Array(12).fill(0)],
};

export class StagedRepository {
  /** Copies what git knows, and the built packages, into a folder. */
  constructor(folder) {
    this.folder = folder;
    const listed = capture(['git', 'ls-files', '-co', '--exclude-standard', '-z']).output;
    for (const file of listed.split('\0')) {
      if (!/^(\.changeset|\.npmrc|\.pnpmfile|native\/npm|packages|publishing|scripts)/.test(file))
        if (file.includes('/')) continue;
      if (file === '' || !existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    symlinkSync(
      join(root, 'publishing', 'node_modules'),
      join(folder, 'publishing', 'node_modules'),
    );
    for (const one of this.packages()) this.#prepare(one);
    // Versions and tags are git's business too.
    this.#git('init', '--quiet', '--initial-branch=main');
    this.commit('A copy to try a release in');
  }

  packages() {
    return publishedPackages(this.folder);
  }

  #prepare({ folder, manifest }) {
    const platform = platformOf(manifest.name);
    if (platform === undefined) {
      cpSync(join(root, 'packages', folder.split('/').at(-1), 'dist'), join(folder, 'dist'), {
        recursive: true,
      });
    } else if (platform === thisPlatform) {
      collectPlatformPackage(folder);
    } else {
      this.giveBinary(platform, platform);
    }
    // pnpm reads the versions of what stands as `workspace:` there.
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const [name, range] of Object.entries(all)) {
      if (!range.startsWith('workspace:')) continue;
      const target = this.folderOf(name);
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link);
    }
  }

  folderOf(name) {
    return this.packages().find(({ manifest }) => manifest.name === name).folder;
  }

  /** The version of a package that is named without its scope. */
  versionOf(name) {
    return this.packages().find(({ manifest }) => manifest.name === `@mlx/${name}`).manifest
      .version;
  }

  /** Gives a platform's package a file that begins like a binary of some platform. */
  giveBinary(platform, like) {
    const folder = join(this.folder, 'native', 'npm', platform);
    mkdirSync(join(folder, 'licenses'), { recursive: true });
    for (const file of ['LICENSE', 'index.js', 'sbom.cdx.json', 'licenses/none.txt'])
      writeFileSync(join(folder, file), '');
    writeFileSync(join(folder, 'mlx.node'), Buffer.from(headers[like]));
  }

  removeBinary(platform) {
    rmSync(join(this.folder, 'native', 'npm', platform, 'mlx.node'));
  }

  commit(message) {
    this.#git('add', '--all');
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    this.#git(...author, 'commit', '--quiet', '--allow-empty', '-m', message);
  }

  #git(...args) {
    return succeed(['git', ...args], { cwd: this.folder });
  }

  /** Writes a change of one package and lets changesets make versions of it. */
  bump(name, kind) {
    const change = join(this.folder, '.changeset', 'test.md');
    writeFileSync(change, `---\n'${name}': ${kind}\n---\n\nA change.\n`);
    this.version();
  }

  version() {
    const changeset = join(root, 'node_modules', '.bin', 'changeset');
    succeed([changeset, 'version'], { cwd: this.folder });
    this.commit('Version packages');
  }

  changeLog(name) {
    return readFileSync(join(this.folderOf(name), 'CHANGELOG.md'), 'utf8');
  }
}
