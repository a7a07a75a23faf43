// The GPU has tests of its own, on Macs too, where it is the default device.
process.env.MLX_DEVICE ??= 'cpu';

/** @type {import('jest').Config} */
module.exports = {
  preset: 'ts-jest',
  testEnvironment: 'node',
  roots: ['<rootDir>/src'],
  testMatch: ['**/*.test.ts'],
};
