/** Prints `PASS name`, or `FAIL name: why` when the body throws. */
export async function check(name, body) {
  try {
    await body();
    console.log(`PASS ${name}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`FAIL ${name}: ${message.split('\n').join(' ')}`);
  }
}

export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

export const mebibyte = 2 ** 20;

/** On fakes (native/fake_cuda), whose kernels compute nothing and whose exchanges take their time. */
export const isFake = process.env.MLX_CHECK_FAKE === '1';
