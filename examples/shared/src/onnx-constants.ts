import * as mx from '@mlx/core';
import { Field, Root, Type } from 'protobufjs';
import { publishedBy, type Published } from './published-weights';

// The few fields of ONNX's onnx.proto3 that lead to the constants of a model.
const messages: Record<string, [string, number, string, 'repeated'?][]> = {
  TensorProto: [
    ['dims', 1, 'int64', 'repeated'],
    ['dataType', 2, 'int32'],
    ['rawData', 9, 'bytes'],
  ],
  AttributeProto: [
    ['t', 5, 'TensorProto'],
    ['g', 6, 'GraphProto'],
  ],
  NodeProto: [
    ['output', 2, 'string', 'repeated'],
    ['attribute', 5, 'AttributeProto', 'repeated'],
  ],
  GraphProto: [['node', 1, 'NodeProto', 'repeated']],
  ModelProto: [['graph', 7, 'GraphProto']],
};
const float32Code = 1;

interface Tensor {
  dims: unknown[];
  dataType: number;
  rawData: Uint8Array;
}
interface Graph {
  node: { output: string[]; attribute: { t?: Tensor; g?: Graph }[] }[];
}

/** The float32 constants of an ONNX model, also those inside its branches. */
export function readConstants(file: Uint8Array): Published {
  const root = new Root();
  for (const [name, fields] of Object.entries(messages)) {
    const type = new Type(name);
    for (const [field, id, kind, rule] of fields) type.add(new Field(field, id, kind, rule));
    root.add(type);
  }
  const model = root.lookupType('ModelProto').decode(file) as unknown as { graph: Graph };

  const constants = new Map<string, mx.array>();
  const graphs = [model.graph];
  for (const graph of graphs)
    for (const { output, attribute } of graph.node)
      for (const { t, g } of attribute) {
        if (g) graphs.push(g);
        if (t?.dataType !== float32Code) continue;
        const values = new Float32Array(new Uint8Array(t.rawData).buffer);
        constants.set(output[0]!, mx.array(values).reshape(t.dims.map(Number)));
      }
  return publishedBy(constants);
}
