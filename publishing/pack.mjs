// Packs a package the way it is published: pnpm writes versions in place of `workspace:`, and the
// hook in .pnpmfile.cjs takes out what only this repository needs.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, pnpm } from '../scripts/run.mjs';

/** Packs the folder; returns the path of the archive. */
export function pack(folder, target) {
  mkdirSync(target, { recursive: true });
  const { status, output } = capture([...pnpm, 'pack', '--pack-destination', target], {
    cwd: folder,
  });
  const [archive] = readdirSync(target);
  if (status !== 0 || archive === undefined) throw new Error(`pnpm pack, ${folder}:\n${output}`);
  return join(target, archive);
}
