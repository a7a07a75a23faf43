// Kernels of one's own: Metal's language wherever there is a GPU, CUDA's on a card.
import { check, expect } from './check.mjs';
import { mx } from './packages.mjs';

mx.setDefaultDevice(mx.gpu);

const numbers = mx.arange(3 * 500, mx.float32).reshape([3, 500]);

await check('metalKernel: one thread a number', () => {
  const cube = mx.fast.metalKernel({
    name: 'cube',
    inputNames: ['x'],
    outputNames: ['y'],
    source: 'uint i = thread_position_in_grid.x; T value = x[i]; y[i] = value * value * value;',
  });
  const [y] = cube({
    inputs: [numbers],
    template: { T: mx.float32 },
    grid: [numbers.size, 1, 1],
    threadgroup: [256, 1, 1],
    outputShapes: [numbers.shape],
    outputDtypes: [mx.float32],
  });
  const same = mx.arrayEqual(y, numbers.multiply(numbers).multiply(numbers)).item();
  expect(same, 'the values differ');
});

await check('metalKernel: groups share memory and simdgroups add', () => {
  const sumRows = mx.fast.metalKernel({
    name: 'sum_rows',
    inputNames: ['x'],
    outputNames: ['y'],
    source: `
      threadgroup float part[32];
      uint row = threadgroup_position_in_grid.x;
      float sum = 0;
      for (uint i = thread_index_in_threadgroup; i < x_shape[1]; i += threads_per_threadgroup.x)
        sum += x[row * x_shape[1] + i];
      sum = simd_sum(sum);
      if (thread_index_in_simdgroup == 0) part[simdgroup_index_in_threadgroup] = sum;
      threadgroup_barrier(mem_flags::mem_threadgroup);
      if (thread_index_in_threadgroup == 0) {
        for (uint i = 1; i < simdgroups_per_threadgroup; i++) sum += part[i];
        y[row] = sum;
      }`,
  });
  const [sums] = sumRows({
    inputs: [numbers],
    grid: [3 * 128, 1, 1],
    threadgroup: [128, 1, 1],
    outputShapes: [[3]],
    outputDtypes: [mx.float32],
  });
  expect(mx.arrayEqual(sums, numbers.sum(1)).item(), `the sums are ${sums}`);
});

await check('metalKernel: a wrong source is an error with its name', () => {
  const wrong = mx.fast.metalKernel({
    name: 'wrong',
    inputNames: ['x'],
    outputNames: ['y'],
    source: 'y[0] = nothing_of_that_name;',
  });
  let message = '';
  try {
    const [y] = wrong({
      inputs: [numbers],
      grid: [1, 1, 1],
      threadgroup: [1, 1, 1],
      outputShapes: [[1]],
      outputDtypes: [mx.float32],
    });
    mx.eval(y);
  } catch (error) {
    message = `${error.name} ${error.message}`;
  }
  expect(/^EngineError .*wrong[\s\S]*nothing_of_that_name/.test(message), message || 'no error');
});

if (mx.cuda.isAvailable())
  await check('cudaKernel: CUDA text with memory that a group shares', () => {
    const turn = mx.fast.cudaKernel({
      name: 'turn',
      inputNames: ['x'],
      outputNames: ['y'],
      sharedMemory: 4 * 256,
      source: `
        extern __shared__ float part[];
        const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
        part[threadIdx.x] = x[i];
        __syncthreads();
        y[i] = part[blockDim.x - 1 - threadIdx.x];`,
    });
    const x = mx.arange(512, mx.float32);
    const [y] = turn({
      inputs: [x],
      grid: [512, 1, 1],
      threadgroup: [256, 1, 1],
      outputShapes: [[512]],
      outputDtypes: [mx.float32],
    });
    const expected = mx.flip(x.reshape([2, 256]), 1);
    expect(mx.arrayEqual(y, expected.reshape([512])).item(), 'the values differ');
  });
