import * as mx from '@mlx/core';
import { describe, isArray, isPlainObject, reader, type Kind } from '@mlx/core/calls';
import { MultiHeadAttention } from './attention';
import { Sequential } from './containers';
import { Conv1d, Conv2d, Conv3d } from './convolution';
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './convolution-transpose';
import { Module } from './module';
import { moduleLike } from './module-like';
import { toFileName } from './names';
import { BatchNorm } from './normalization';
import { GRU, LSTM, RNN } from './recurrent';
import {
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from './transformer';

/** Weights by their names in one module. */
type Own = Record<string, mx.array>;

const layerNorms = { ln1: 'norm1', ln2: 'norm2', ln3: 'norm3' };

/** How PyTorch calls members that MLX calls otherwise; '' where it has no such level. */
const memberNames: readonly [new (...values: never[]) => Module, Record<string, string>][] = [
  [Sequential, { layers: '' }],
  [TransformerEncoder, { ln: 'norm' }],
  [TransformerDecoder, { ln: 'norm' }],
  [TransformerEncoderLayer, { attention: 'self_attn', ...layerNorms }],
  [
    TransformerDecoderLayer,
    { self_attention: 'self_attn', cross_attention: 'multihead_attn', ...layerNorms },
  ],
];

/** What becomes of the weights of one module, by its class. */
const conversions: readonly [readonly (new (...values: never[]) => Module)[], (own: Own) => Own][] =
  [
    // [out, in, ...kernel]
    [[Conv1d, Conv2d, Conv3d], (own) => withWeight(own, (w) => mx.moveaxis(w, 1, -1))],
    // [in, out, ...kernel]
    [
      [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d],
      (own) => withWeight(own, (w) => mx.moveaxis(w, 0, -1)),
    ],
    [[BatchNorm], ({ num_batches_tracked: _, ...own }) => own],
    [[RNN], (own) => recurrent(own, 'Wxh', 'Whh', oneBias)],
    [[LSTM], (own) => recurrent(own, 'Wx', 'Wh', oneBias)],
    [[GRU], (own) => recurrent(own, 'Wx', 'Wh', gateBiases)],
    [[MultiHeadAttention], attention],
  ];

function withWeight(own: Own, change: (weight: mx.array) => mx.array): Own {
  return own.weight && own.weight.ndim > 1 ? { ...own, weight: change(own.weight) } : own;
}

function recurrent(
  own: Own,
  input: string,
  hidden: string,
  biases: (input: mx.array, hidden: mx.array) => Own,
): Own {
  const { weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ...others } = own;
  if (!weight_ih_l0 || !weight_hh_l0) return own;
  return {
    ...others,
    [input]: weight_ih_l0,
    [hidden]: weight_hh_l0,
    ...(bias_ih_l0 && bias_hh_l0 && biases(bias_ih_l0, bias_hh_l0)),
  };
}

const oneBias = (input: mx.array, hidden: mx.array): Own => ({ bias: mx.add(input, hidden) });

/** The hidden bias of the new gate stands inside the product with the reset gate. */
function gateBiases(input: mx.array, hidden: mx.array): Own {
  const size = hidden.shape[0]! / 3;
  const [gates, bhn] = mx.split(hidden, [2 * size]) as [mx.array, mx.array];
  return { b: mx.add(input, mx.concatenate([gates, mx.zerosLike(bhn)])), bhn };
}

function attention(own: Own): Own {
  const { in_proj_weight, in_proj_bias, ...others } = own;
  const projections = ['query', 'key', 'value'] as const;
  const apart = (whole: mx.array | undefined, kind: string): Own => {
    const parts = whole ? mx.split(whole, 3) : [];
    return Object.fromEntries(parts.map((part, i) => [`${projections[i]}_proj.${kind}`, part]));
  };
  // Where queries, keys and values differ in size, their weights stand apart.
  const renamed = Object.entries(others).map(([name, value]) => {
    const projection = projections.find((one) => name === `${one[0]}_proj_weight`);
    return [projection ? `${projection}_proj.weight` : name, value];
  });
  return {
    ...(Object.fromEntries(renamed) as Own),
    ...apart(in_proj_weight, 'weight'),
    ...apart(in_proj_bias, 'bias'),
  };
}

/** A module with its paths in PyTorch's names and in those of files here. */
interface Place {
  readonly module: Module;
  readonly theirs: string;
  readonly ours: string;
}

const join = (...parts: string[]): string => parts.filter((part) => part !== '').join('.');

function placesIn(module: Module, theirs = '', ours = '', above: readonly Module[] = []): Place[] {
  const names = memberNames.find(([owner]) => module instanceof owner)?.[1] ?? {};
  const below = mx.treeFlatten<Module>(module.children(), '', (node) => Module.isModule(node));
  // A module that stands below itself is left out there.
  const isBelow = (child: unknown) =>
    Module.isModule(child) && child !== module && !above.includes(child);
  return [
    { module, theirs, ours },
    ...below
      .filter(([, child]) => isBelow(child))
      .flatMap(([path, child]) => {
        const [member, ...rest] = toFileName(path).split('.') as [string, ...string[]];
        return placesIn(
          child,
          join(theirs, names[member] ?? member, ...rest),
          join(ours, member, ...rest),
          [...above, module],
        );
      }),
  ];
}

/** The innermost module that a name is below. */
function placeOf(name: string, places: readonly Place[]): Place {
  return places.reduce((best, place) =>
    name.startsWith(`${place.theirs}.`) && place.theirs.length > best.theirs.length ? place : best,
  );
}

const stateDict: Kind<Own> = {
  text: 'an object of arrays by their names',
  fits: isPlainObject,
  read(value, name, parameter) {
    for (const [key, a] of Object.entries(value as object))
      if (!isArray(a))
        throw new TypeError(
          `[${name}] ${parameter} must be ${this.text}, but ${key} is ${describe(a)}.`,
        );
    return value as Own;
  },
};

const readFromPyTorch = reader('fromPyTorch', { model: moduleLike, weights: stateDict });

/**
 * Gives the weights of a PyTorch `state_dict` the names and layouts of a model's own, for
 * `loadWeights`. Names that it doesn't know stay as they are, so that a strict load tells of them.
 *
 * @param model - built like the PyTorch model, with members of the same names in camelCase.
 * @param weights - the `state_dict`, as `mx.load` reads it from a safetensors file.
 * @returns pairs of name and array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * const model = new nn.Sequential(new nn.ConvTranspose2d(3, 8, 5), new nn.BatchNorm(8));
 * const weights = {
 *   '0.weight': mx.ones([3, 8, 5, 5]),
 *   '0.bias': mx.ones([8]),
 *   '1.weight': mx.ones([8]),
 *   '1.bias': mx.zeros([8]),
 *   '1.running_mean': mx.zeros([8]),
 *   '1.running_var': mx.ones([8]),
 *   '1.num_batches_tracked': mx.array(100, mx.int64),
 * };
 * model.loadWeights(nn.fromPyTorch(model, weights));
 * ```
 */
export function fromPyTorch(
  model: Module,
  weights: Readonly<Record<string, mx.array>>,
): [string, mx.array][];
export function fromPyTorch(...values: unknown[]): [string, mx.array][] {
  const { model, weights } = readFromPyTorch(values);
  const places = placesIn(model);
  const groups = new Map<Place, Own>();
  for (const [name, value] of Object.entries(weights)) {
    const place = placeOf(name, places);
    const own = groups.get(place) ?? {};
    groups.set(place, own);
    own[place.theirs === '' ? name : name.slice(place.theirs.length + 1)] = value;
  }
  return [...groups].flatMap(([{ module, ours }, own]) => {
    const convert = conversions.find(([classes]) => classes.some((one) => module instanceof one));
    const converted = convert ? convert[1](own) : own;
    return Object.entries(converted).map(([name, value]): [string, mx.array] => [
      join(ours, name),
      value,
    ]);
  });
}
