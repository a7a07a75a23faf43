import { withParameters, type Compute } from './fixtures.test-support';
import * as nn from './index';

/** Layers of six features as maps from their inputs and parameters to what they compute. */
export const normalizations: Record<string, Compute> = {
  batchNorm: ([x, weight, bias], { eps = 1e-3 }) => {
    const layer = new nn.BatchNorm(6, eps as number, 0.1, weight !== undefined);
    return withParameters(layer, { weight, bias })(x!);
  },
  batchNormEvaluation: ([x, runningMean, runningVar, weight, bias], { eps = 1e-3 }) => {
    const parameters = { weight, bias, runningMean, runningVar };
    const layer = new nn.BatchNorm(6, eps as number, 0.1, weight !== undefined);
    return withParameters(layer, parameters).eval()(x!);
  },
  instanceNorm: ([x, weight, bias], { eps = 1e-3 }) => {
    const layer = new nn.InstanceNorm(6, eps as number, weight !== undefined);
    return withParameters(layer, { weight, bias })(x!);
  },
  groupNorm: ([x, weight, bias], { groups, pytorchCompatible, eps = 1e-3 }) => {
    const affine = weight !== undefined;
    const options = { eps: eps as number, affine, pytorchCompatible: pytorchCompatible as boolean };
    return withParameters(new nn.GroupNorm(groups as number, 6, options), { weight, bias })(x!);
  },
  layerNorm: ([x, weight, bias], { eps = 1e-3 }) => {
    const layer = new nn.LayerNorm(6, eps as number, weight !== undefined, bias !== undefined);
    return withParameters(layer, { weight, bias })(x!);
  },
  rmsNorm: ([x, weight], { eps = 1e-3 }) =>
    withParameters(new nn.RMSNorm(6, eps as number), { weight })(x!),
};
