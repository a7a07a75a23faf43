// onnxruntime for the scripts that write down what it computes; the examples themselves don't need it:
// npm install --no-save --ignore-scripts onnxruntime-node@1.30.0 in some folder, and that folder's
// node_modules/onnxruntime-node as the variable ONNXRUNTIME.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What the ONNX file's network gives for an array: the values and shape of its first output. */
export async function networkOf(file, inputName) {
  const { InferenceSession, Tensor } = require(process.env.ONNXRUNTIME ?? 'onnxruntime-node');
  const session = await InferenceSession.create(file);
  return async (input) => {
    const tensor = new Tensor('float32', input.toTypedArray(), input.shape);
    const [{ data, dims }] = Object.values(await session.run({ [inputName]: tensor }));
    return { values: data, shape: dims };
  };
}
