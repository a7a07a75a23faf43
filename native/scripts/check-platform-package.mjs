// Stops a publication that lacks a binary: of a platform package, or of core when any is missing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folders = process.argv.length > 2 ? process.argv.slice(2) : [process.cwd()];
const missing = folders
  .map((folder) => join(folder, 'mlx.node'))
  .filter((path) => !existsSync(path));
if (missing.length > 0) {
  console.error(`missing: ${missing.join(', ')}; build on that platform and copy it here first`);
  process.exit(1);
}
