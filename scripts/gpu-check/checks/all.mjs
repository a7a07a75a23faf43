// Runs every check as a process of its own, so that one that crashes or hangs is one that failed.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { finish, here, isInMemory, program, report, section } from './sections.mjs';

const check = (name, options, args = []) =>
  section(name, async () =>
    report(name, await program(join(here, `${name}.mjs`), args, options), options.end),
  );

/** Rows are dealt out to processes, which share the compiled kernels on the disk. */
async function table() {
  const parts = Math.max(1, Math.min(availableParallelism() - 2, 14));
  const runs = Array.from({ length: parts }, (_, part) =>
    program(join(here, 'table.mjs'), [String(part), String(parts)], { seconds: 270 }),
  );
  const results = await Promise.all(runs);
  const counts = { passed: 0, failed: 0 };
  for (const [part, result] of results.entries()) {
    const text = report(`table part ${part}`, result);
    const [passed, failed] = text.match(/\d+/g).map(Number);
    counts.passed += passed;
    counts.failed += failed;
  }
  return `${counts.passed} passed, ${counts.failed} failed`;
}

await check('first-use', { seconds: 60 }, ['cold']);
await check('first-use', { seconds: 60 }, ['warm']);
await section('table', table);
await check('custom-kernels', { seconds: 60 });
await check('memory', { seconds: 90 });
await check('long-loop', { seconds: 60 }, [isInMemory ? '20000' : '1000000']);
await check('digits', { seconds: isInMemory ? 720 : 90 });
await check('threads', { seconds: 60 });
for (const way of ['return', 'exit', 'throw', 'worker'])
  await check('ends', { seconds: 30, end: way === 'throw' ? 1 : 0 }, [way]);
await check('times', { seconds: 90 });
finish();
