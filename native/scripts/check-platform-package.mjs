// Stops the publication of a platform package that lacks its binary.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const addon = join(process.cwd(), 'mlx.node');
if (!existsSync(addon)) {
  console.error(`${addon} is missing: build on this platform and copy it here before publishing`);
  process.exit(1);
}
