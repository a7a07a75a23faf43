export * from './activation-layers';
export * from './activations';
export { MultiHeadAttention } from './attention';
export { checkpoint } from './checkpoint';
export { Sequential, type Layer } from './containers';
export { Conv1d, Conv2d, Conv3d } from './convolution';
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './convolution-transpose';
export { Dropout, Dropout2d, Dropout3d } from './dropout';
export { Embedding } from './embedding';
export { Bilinear, Identity, Linear } from './linear';
export * from './losses';
export { Module, type FreezeOptions, type ModuleFilter, type ParameterTree } from './module';
export { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm } from './normalization';
export { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from './pooling';
export { ALiBi, RoPE, SinusoidalPositionalEncoding } from './positional-encoding';
export { QQLinear } from './qq-linear';
export {
  quantize,
  type ClassPredicate,
  type LayerQuantization,
  type QuantizeOptions,
} from './quantize';
export { QuantizedEmbedding, QuantizedLinear } from './quantized';
export { GRU, LSTM, RNN } from './recurrent';
export {
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type Decoder,
  type Encoder,
} from './transformer';
export type { Pair, Triple } from './tuples';
export {
  Upsample,
  upsampleCubic,
  upsampleLinear,
  upsampleNearest,
  type UpsampleMode,
} from './upsample';
export { valueAndGrad } from './value-and-grad';

export * as init from './init';
export * as losses from './losses';
