// A registry on this machine's loopback: it holds what the tests publish and passes on to the
// public registry what else they install.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { capture } from '../../scripts/run.mjs';

const program = createRequire(import.meta.url).resolve('verdaccio/bin/verdaccio');

/** Starts a registry whose files lie in a folder; ends with this process. */
export async function startRegistry(folder) {
  mkdirSync(folder, { recursive: true });
  const storage = join(folder, 'storage');
  const publicRegistry = capture(['npm', 'config', 'get', 'registry']).output.trim();
  const config = {
    storage,
    uplinks: { public: { url: publicRegistry, timeout: '60s', maxage: '1h' } },
    packages: {
      '@mlx/*': { access: '$all', publish: '$all', unpublish: '$all' },
      '**': { access: '$all', proxy: 'public' },
    },
    // The engine's package is larger than what is allowed by default.
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  };
  const configFile = join(folder, 'config.yaml');
  // JSON is YAML too.
  writeFileSync(configFile, JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [program, '--config', configFile, '--listen', `127.0.0.1:${port}`],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.on('exit', () => child.kill());
  await new Promise((resolve, reject) => {
    child.on('exit', (status) => reject(new Error(`the registry ended with ${status}`)));
    const poll = setInterval(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/-/ping`).catch(() => undefined);
      if (!answer?.ok) return;
      clearInterval(poll);
      child.removeAllListeners('exit');
      resolve();
    }, 200);
  });
  return new Registry(port, storage, folder);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

class Registry {
  constructor(port, storage, folder) {
    this.url = `http://127.0.0.1:${port}/`;
    this.storage = storage;
    const settings = join(folder, 'npmrc');
    // Who publishes must have a token; this registry takes any.
    writeFileSync(settings, `registry=${this.url}\n//127.0.0.1:${port}/:_authToken=any\n`);
    /** The environment in which npm, pnpm and yarn talk to this registry alone. */
    this.environment = {
      ...process.env,
      NPM_CONFIG_USERCONFIG: settings,
      npm_config_registry: this.url,
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      YARN_REGISTRY: this.url,
      YARN_CACHE_FOLDER: join(folder, 'yarn-cache'),
      // What other registries said of these versions is kept there.
      YARN_GLOBAL_FOLDER: join(folder, 'yarn'),
      YARN_NPM_REGISTRY_SERVER: this.url,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    };
  }

  /** The published archives: `nn-0.1.0.tgz` and so on. */
  published() {
    const scope = join(this.storage, '@mlx');
    if (!existsSync(scope)) return [];
    return readdirSync(scope)
      .flatMap((name) => readdirSync(join(scope, name)))
      .filter((name) => name.endsWith('.tgz'))
      .sort();
  }

  /** Forgets a package, as if a release had broken off before it. */
  forget(name) {
    rmSync(join(this.storage, '@mlx', name), { recursive: true });
  }
}
