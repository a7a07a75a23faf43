// What links asmjit, with which fused operations become machine code: nothing where it isn't
// installed. The engine then interprets them.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

export function asmjitFlags() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  const found = spawnSync('c++', ['-print-file-name=libasmjit.a'], { encoding: 'utf8' });
  return found.status === 0 && isAbsolute(found.stdout.trim()) ? ['-l:libasmjit.a'] : [];
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log(asmjitFlags().join('\n'));
