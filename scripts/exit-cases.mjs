// Programs that end while the engine is at work: every way of ending beside every kind of work.

/**
 * Work by the kind of its kernel: a function body that returns a function of a number, whose result
 * is an array that takes tenths of a second and more to compute.
 */
export const families = {
  matmul: `const a = mx.random.normal([1500, 1500]); return (i) => a.add(i).matmul(a);`,
  'matmul, one long product': `const a = mx.ones([8000, 8000]); return (i) => a.matmul(a);`,
  'matmul of halves': `
    const a = mx.random.normal([1024, 1024]).astype(mx.float16); return (i) => a.add(i).matmul(a);`,
  'matmul of integers': `
    const a = mx.ones([700, 700], mx.int32); return (i) => a.add(i).matmul(a);`,
  'batched matmul': `const a = mx.ones([4000, 48, 48]); return (i) => a.add(i).matmul(a);`,
  elementwise: `const a = mx.ones([2000, 2000]); return (i) => a.add(i).exp().sin().log1p();`,
  compiled: `
    const a = mx.ones([1000, 1000]);
    const f = mx.compile((x) => x.matmul(x).add(1).exp().sum());
    return (i) => f(a.add(i));`,
  fft: `const a = mx.random.normal([64, 65536]); return (i) => mx.fft.fft(a.add(i));`,
  svd: `const a = mx.random.normal([400, 400]); return (i) => mx.linalg.svd(a.add(i))[1];`,
  eigh: `
    const a = mx.random.normal([500, 500]); return (i) => mx.linalg.eigh(a.add(a.T).add(i))[0];`,
  eig: `const a = mx.random.normal([1200, 1200]); return (i) => mx.linalg.eig(a.add(i))[0];`,
  inv: `
    const a = mx.random.normal([900, 900]); return (i) => mx.linalg.inv(a.add(mx.eye(900)));`,
  qr: `const a = mx.random.normal([1000, 700]); return (i) => mx.linalg.qr(a.add(i))[0];`,
  conv: `
    const x = mx.random.normal([8, 64, 64, 32]), w = mx.random.normal([64, 3, 3, 32]);
    return (i) => mx.conv2d(x.add(i), w);`,
  sort: `const a = mx.random.normal([4000000]); return (i) => mx.sort(a.multiply(i + 1));`,
  reduce: `
    const a = mx.ones([3000, 3000]); return (i) => mx.logsumexp(a.add(i), 0).add(a.var(1));`,
  scan: `const a = mx.ones([3000, 1000]); return (i) => mx.cumsum(a.add(i), 0);`,
  quantized: `
    const [w, s, b] = mx.quantize(mx.random.normal([2048, 2048])), x = mx.ones([64, 2048]);
    return (i) => mx.quantizedMatmul(x.add(i), w, s, b);`,
  random: `return (i) => mx.random.normal([4000000]);`,
  attention: `
    const q = mx.random.normal([1, 8, 1024, 64]);
    return (i) => mx.fast.scaledDotProductAttention(q.add(i), q, q, { scale: 0.125 });`,
  gather: `
    const a = mx.ones([100000, 32]), n = mx.random.randint(0, 100000, [400000]);
    return (i) => mx.take(a.add(i), n, 0);`,
  load: `
    const path = require('node:path').join(require('node:os').tmpdir(), 'mlx-exit-' + process.pid);
    const { existsSync, rmSync } = require('node:fs');
    if (!existsSync(path + '.npy')) mx.save(path + '.npy', mx.ones([8000000]));
    if (isMainThread) process.once('exit', () => rmSync(path + '.npy', { force: true }));
    return (i) => mx.load(path + '.npy').add(i);`,
};

/** Puts work on several streams: two results each, which nobody waits for. */
const work = (family) => `
  const make = (() => {${families[family]}})();
  const streams = [mx.defaultStream(mx.cpu), mx.newStream(mx.cpu), mx.newStream(mx.cpu)];
  let count = 0;
  const launch = () => {
    for (const stream of streams) {
      mx.setDefaultStream(stream);
      for (let i = 0; i < 2; i++) void mx.asyncEval(make(++count % 100));
    }
    mx.setDefaultStream(streams[0]);
  };`;

const inMain = (end) => (family) => `
  ${work(family)}
  launch();
  setTimeout(() => { ending(); ${end} }, delay);`;

/** A main program that may start workers, and what each of them does. */
const withWorkers = (main, worker) => (family) => `
  const start = () => new Promise((resolve) => {
    const w = new Worker(__filename, { argv: [process.argv[2]] }).on('error', () => undefined);
    w.ended = new Promise((resolve) => w.once('exit', resolve));
    w.once('message', () => resolve(w));
    // Its message may be lost when it ends right after.
    void w.ended.then(() => resolve(w));
  });
  if (isMainThread) {
    (async () => {${main}})();
  } else {
    ${work(family)}
    launch();
    parentPort.postMessage('working');
    ${worker}
  }`;

const oneWorker = (end) =>
  withWorkers(
    'const w = await start(); ending(); await w.ended;',
    `setTimeout(() => { ${end} }, delay);`,
  );

const throwing = 'throw new Error("on purpose");';
const stayAlive = 'setInterval(() => undefined, 1000);';

/** Work that is soon over must not end the process before the signal is there. */
const handling = (signal) => ({
  program: inMain(
    `process.once("${signal}", () => process.exit(9)); ${stayAlive} process.kill(process.pid, "${signal}");`,
  ),
  code: 9,
});

/** Ways of ending, each with the program, and the exit code or signal that must come of it. */
export const endings = {
  'process.exit': { program: inMain('process.exit(7);'), code: 7 },
  'an uncaught error': { program: inMain(throwing), code: 1 },
  'an unhandled rejection': {
    program: inMain('Promise.reject(new Error("on purpose"));'),
    code: 1,
  },
  'a handler of SIGINT': handling('SIGINT'),
  'a handler of SIGTERM': handling('SIGTERM'),
  SIGTERM: { program: inMain('process.kill(process.pid, "SIGTERM");'), signal: 'SIGTERM' },
  'process.exit with a listener that computes': {
    program: inMain(`
      mx.setDefaultStream(mx.newStream(mx.cpu));
      process.once('exit', () => mx.ones([64, 64]).matmul(mx.ones([64, 64])).tolist());
      process.exit(7);`),
    code: 7,
  },
  'the natural end': {
    program: (family) => `${work(family)} mx.asyncEval(make(1)).then(ending);`,
    code: 0,
  },
  "a worker's process.exit": { program: oneWorker('process.exit(3);'), code: 0 },
  "a worker's error": { program: oneWorker(throwing), code: 0 },
  "a worker's natural end": {
    program: withWorkers('const w = await start(); await w.ended; ending();', ''),
    code: 0,
  },
  'terminate of a worker': {
    program: withWorkers('const w = await start(); ending(); await w.terminate();', stayAlive),
    code: 0,
  },
  'terminate of a worker that waits': {
    program: withWorkers(
      'const w = await start(); await wait(delay); ending(); await w.terminate();',
      'for (let i = 0; ; i++) mx.eval(make(i % 100), make((i + 1) % 100));',
    ),
    code: 0,
  },
  'process.exit with workers at work': {
    program: withWorkers(
      'await Promise.all([start(), start(), start()]); await wait(delay); ending(); process.exit(7);',
      stayAlive,
    ),
    code: 7,
  },
  'process.exit with workers that wait': {
    program: withWorkers(
      'await Promise.all([start(), start()]); await wait(delay); ending(); process.exit(7);',
      'for (let i = 0; ; i++) mx.eval(make(i % 100), make((i + 1) % 100));',
    ),
    code: 7,
  },
  'twelve workers one after another': {
    program: withWorkers(
      'for (let i = 0; i < 12; i++) await (await start()).ended; ending();',
      'process.exit(0);',
    ),
    code: 0,
  },
};

/** The whole program of a case; its argument is a number of milliseconds for it to run. */
export const programOf = (ending, family, library) => `
  const { Worker, isMainThread, parentPort } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const mx = require(${JSON.stringify(library)});
  const delay = Number(process.argv[2]);
  const ending = () => writeSync(1, Date.now() + '\\n');
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  ${endings[ending].program(family)}`;
