export * from './activations/layers';
export * from './activations';
export {
  MultiHeadAttention,
  type AttentionMask,
  type MultiHeadAttentionOptions,
} from './attention';
export { checkpoint } from './checkpoint';
export { Sequential, type Layer } from './containers';
export { Conv1d, Conv2d, Conv3d, type ConvOptions, type GroupedConvOptions } from './convolution';
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
} from './convolution-transpose';
export * from './distributed';
export { Dropout, Dropout2d, Dropout3d, type DropoutOptions } from './dropout';
export { Embedding } from './embedding';
export { fromPyTorch } from './from-pytorch';
export type { Activation } from './kinds';
export { Bilinear, Identity, Linear, type LinearOptions } from './linear';
export * from './losses';
export {
  Module,
  type FreezeOptions,
  type ModuleFilter,
  type ParameterTree,
  type ParametersOf,
  type StrictOption,
} from './module';
export {
  BatchNorm,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  RMSNorm,
  type BatchNormOptions,
  type GroupNormOptions,
  type InstanceNormOptions,
  type LayerNormOptions,
  type RMSNormOptions,
} from './normalization';
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type PoolOptions,
} from './pooling';
export {
  ALiBi,
  RoPE,
  SinusoidalPositionalEncoding,
  type ALiBiOptions,
  type RoPEOptions,
  type SinusoidalOptions,
} from './positional-encoding';
export { QQLinear } from './qq-linear';
export { quantize, type ClassPredicate, type QuantizeOptions } from './quantize';
export {
  QuantizedEmbedding,
  QuantizedLinear,
  type LayerQuantization,
  type QuantizationOptions,
  type QuantizedLinearOptions,
} from './quantized';
export {
  GRU,
  LSTM,
  RNN,
  type HiddenState,
  type LSTMState,
  type RNNOptions,
  type RecurrentOptions,
} from './recurrent';
export {
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type Decoder,
  type DecoderMasks,
  type Encoder,
  type EncoderMask,
  type TransformerLayerOptions,
  type TransformerMasks,
  type TransformerOptions,
  type TransformerStackOptions,
} from './transformer';
export type { Pair, Triple } from './tuples';
export {
  Upsample,
  upsampleCubic,
  upsampleLinear,
  upsampleNearest,
  type InterpolationOptions,
  type UpsampleMode,
  type UpsampleOptions,
} from './upsample';
export { valueAndGrad } from './value-and-grad';

export * as init from './init';
export * as losses from './losses';
