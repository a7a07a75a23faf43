// The same as all-reduce.c, by mx.distributed.
const mx = require('@mlx/core');

mx.setDefaultDevice(mx.cpu);
const world = mx.distributed.init(true, 'mpi');
const [count, rounds] = process.argv.slice(2).map(Number);

function medianOf(x, rounds) {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    mx.eval(mx.distributed.allSum(x));
    return (performance.now() - start) * 1000;
  });
  return times.sort((a, b) => a - b)[rounds >> 1];
}

const large = mx.ones([count]);
const small = mx.ones([1]);
mx.eval(large, small);
medianOf(large, 2);
const times = [medianOf(large, rounds), medianOf(small, 100 * rounds)];
// The first lines are mpirun's.
if (world.rank() === 0) console.log(times.map((time) => time.toFixed(1)).join(' '));
