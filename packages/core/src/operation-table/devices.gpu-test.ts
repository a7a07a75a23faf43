import { checkDevices } from './devices';
import { operations } from './table';

test.each(operations.map((one) => [one.name, one] as const))(
  '%s gives on the GPU what it gives on the CPU',
  (_, operation) => checkDevices(operation),
);
