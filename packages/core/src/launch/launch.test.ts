import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, runProcesses } from '../distributed/processes.test-support';
import { hostsOf } from './hosts';
import { mpirunArguments, untag } from './mpirun';
import { nodeArguments } from './node-arguments';
import { readOptions, UsageError, type LaunchOptions } from './options';

const folder = mkdtempSync(join(tmpdir(), 'mlx-launch-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function options(...line: string[]): LaunchOptions {
  return readOptions(line)!;
}

describe('the command line', () => {
  test('has options, a script and its arguments', () => {
    const line = ['-n', '4', '--env=A=b=c', '--env', 'D', 'train.js', '-n', '--help'];
    const { processes, environment, script, scriptArguments } = options(...line);
    expect([processes, environment, script]).toEqual([4, ['A=b=c', 'D'], 'train.js']);
    expect(scriptArguments).toEqual(['-n', '--help']);
    expect(readOptions(['--help'])).toBeUndefined();
  });

  test.each([
    [['-n', '0', 'a.js'], /above 0, not '0'/],
    [['-n', 'x', 'a.js'], /not 'x'/],
    [['--what', 'a.js'], /no option --what/],
    [['-n'], /takes a value/],
    [['-n', '2'], /Which script/],
    [['--env', '1=2', 'a.js'], /NAME=VALUE/],
    [['--backend', 'pigeons', 'a.js'], /any, mpi or nccl, not 'pigeons'/],
  ])('says what is wrong with %j', (line, text) => {
    expect(() => readOptions(line)).toThrow(UsageError);
    expect(() => readOptions(line)).toThrow(text);
  });
});

describe('hosts', () => {
  test('come from a list, a file of lines or MLX’s JSON', () => {
    expect(hostsOf(options('--hosts', 'a,b', 'x.js'))).toEqual([
      { name: 'a', slots: 1 },
      { name: 'b', slots: 1 },
    ]);
    const lines = fileWith('hosts', '# two\none slots=4\n\ntwo # last\n');
    expect(hostsOf(options('--hostfile', lines, 'x.js'))).toEqual([
      { name: 'one', slots: 4 },
      { name: 'two', slots: 1 },
    ]);
    const json = fileWith('hosts.json', '[{ "ssh": "h1", "ips": ["10.0.0.1"] }]');
    expect(hostsOf(options('--hostfile', json, 'x.js'))).toEqual([{ name: 'h1', slots: 1 }]);
    const wrong = fileWith('wrong', 'one two three');
    expect(() => hostsOf(options('--hostfile', wrong, 'x.js'))).toThrow(/not "one two three"/);
    expect(() => hostsOf(options('--hostfile', '/nowhere', 'x.js'))).toThrow(UsageError);
  });

  test('are what mpirun gets, with the variables', () => {
    const given = options('--hosts', 'a,b', '--env', 'COLOR=red', 'x.js');
    const line = mpirunArguments(given, hostsOf(given), 4, ['x.js']).join(' ');
    expect(line).toContain('-n 2 --host a:1,b:1 ');
    expect(line).toContain('-x COLOR=red');
    expect(line).toContain('--tag-output --enable-recovery');
    const five = mpirunArguments(given, hostsOf(given), 5, ['x.js']).join(' ');
    expect(five).toContain('--output tag --runtime-options recoverable');
  });
});

describe('TypeScript', () => {
  const script = fileWith('train.ts', 'const n: number = 1;');

  test.each([
    ['24.1.0', []],
    ['22.18.0', []],
    ['22.6.0', ['--experimental-strip-types']],
    ['23.5.0', ['--experimental-strip-types']],
  ])('runs in Node %s with %j', (version, given) => {
    expect(nodeArguments(options(script, 'a'), version, '')).toEqual([...given, script, 'a']);
  });

  test('needs a loader in an older Node', () => {
    const own = options('--cwd', folder, script);
    expect(() => nodeArguments(own, '20.1.0', '')).toThrow(
      /Use Node 22.6 or later, or install tsx/,
    );
    expect(nodeArguments(own, '20.1.0', '--import tsx')).toEqual([script]);
    const loader = options('--node-arg=--import=tsx', script);
    expect(nodeArguments(loader, '20.1.0', '')).toEqual(['--import=tsx', script]);
    expect(() => nodeArguments(options('/nowhere.js'), '20.1.0', '')).toThrow(
      /no script \/nowhere/,
    );
  });
});

test('lines of mpirun are told from those of its processes', () => {
  expect(untag('[1,2]<stdout>: a', 4)).toEqual({ rank: '2', stream: 'stdout', text: ' a' });
  expect(untag('[1,2]<stderr>: a', 5)).toEqual({ rank: '2', stream: 'stderr', text: 'a' });
  expect(untag('[host:12] PMIX ERROR', 4)).toBeUndefined();
});

describe.each(['mpi', 'nccl'] as const)('processes by %s', (launchBy) => {
  const settings = { launchBy, backend: 'any' } as const;

  test('print with their rank in front and get arguments, variables and a share of the cores', async () => {
    const { output, errors, code } = await runProcesses(
      2,
      `console.log('  out', process.env.COLOR); console.error('err');
      if (!(Number(process.env.MLX_NUM_THREADS) >= 1)) throw new Error('no threads');`,
      { ...settings, options: ['--env', 'COLOR=red'] },
    );
    for (const rank of [0, 1]) {
      expect(output).toContain(`[${rank}]   out red\n`);
      expect(errors).toContain(`[${rank}] err\n`);
    }
    expect(code).toBe(0);
  }, 60_000);

  test('all end at one Ctrl-C', async () => {
    const begun = Date.now();
    const waiting = new Set<string>();
    const { code } = await runProcesses(
      3,
      "console.log('pid ' + process.pid); await new Promise((r) => setTimeout(r, 1e6));",
      {
        ...settings,
        onLine: (line, launcher) => {
          const pid = /\] pid (\d+)/.exec(line)?.[1];
          if (pid !== undefined) waiting.add(pid);
          if (waiting.size === 3) launcher.kill('SIGINT');
        },
      },
    );
    expect(code).toBe(130);
    expect(Date.now() - begun).toBeLessThan(20_000);
    const lives = (pid: string): boolean => {
      try {
        return process.kill(Number(pid), 0);
      } catch {
        return false;
      }
    };
    // They were told to end when mpirun did.
    while ([...waiting].some(lives) && Date.now() - begun < 20_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...waiting].filter(lives)).toEqual([]);
  }, 60_000);

  test('end with the code of the first that failed', async () => {
    const { code, errors } = await runProcesses(2, 'if (rank === 1) process.exit(7);', settings);
    expect(code).toBe(7);
    expect(errors).toContain('mlx-launch: rank 1 failed with code 7');
  }, 60_000);
});

describe('processes', () => {
  test('are not started by a wrong command line', async () => {
    const cli = join(__dirname, '..', '..', 'dist', 'launch', 'cli.js');
    const launcher = spawn(process.execPath, [cli, '-n', '2'], { stdio: 'pipe' });
    const { code, errors } = await finish(launcher, 2);
    expect(code).toBe(2);
    expect(errors).toMatch(/^mlx-launch: Which script/);
  });
});
