import { checkDevices } from './devices';
import { operations } from './table';

// The emulator's kernels are compiled by the host's compiler, which takes its time for all dtypes.
const quickly = process.env.MLX_TEST_QUICK === '1';

test.each(operations.map((one) => [one.name, one] as const))(
  '%s gives on the GPU what it gives on the CPU',
  (_, operation) => checkDevices(operation, { quickly }),
);
