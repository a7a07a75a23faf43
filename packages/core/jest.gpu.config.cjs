/** @type {import('jest').Config} What needs a GPU, or one in the host's memory: scripts/test-gpu.mjs. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['**/*.gpu-test.ts'],
  testTimeout: 600_000,
};
