// Steps of a transformer of a billion parameters in bfloat16: one card, every card with a whole copy
// of it, every card with a part of it. The losses have to be those of one card with the whole batch.
import { check, expect, isFake } from './check.mjs';
import { mx, nn, Adam } from './packages.mjs';

mx.setDefaultDevice(mx.gpu);
const world = mx.distributed.init(true, 'nccl', { timeout: 120 });
const [rank, size] = [world.rank(), world.size()];
const say = (text) => rank === 0 && console.log(text);
const { vocabulary, dims, layers, heads, batch, context } = isFake
  ? { vocabulary: 32, dims: 32, layers: 2, heads: 2, batch: 2, context: 8 }
  : { vocabulary: 8192, dims: 2048, layers: 20, heads: 16, batch: 8, context: 1024 };
const gigabyte = 1e9;

class LanguageModel extends nn.Module {
  constructor() {
    super();
    mx.random.seed(0);
    this.tokens = new nn.Embedding(vocabulary, dims);
    this.blocks = Array.from(
      { length: layers },
      () => new nn.TransformerEncoderLayer(dims, heads, { mlpDims: 4 * dims }),
    );
    this.output = new nn.Linear(dims, vocabulary, { bias: false });
    // One at a time, or the whole model would lie there in float32 too.
    for (const part of [this.tokens, ...this.blocks, this.output]) {
      part.setDtype(mx.bfloat16);
      mx.eval(part.parameters());
    }
  }

  forward(tokens) {
    const x = this.blocks.reduce((y, block) => block(y, 'causal'), this.tokens(tokens));
    return this.output(x);
  }
}

const parametersOf = (model) => mx.treeReduce((sum, a) => sum + a.size, model.parameters(), 0);

/** The windows of all cards in a step; each takes its own. */
function windows(step) {
  const shape = [size * batch, context + 1];
  return mx.random.randint(0, vocabulary, { shape, key: mx.random.key(step) });
}
const ownOf = (all) => mx.split(all, size)[rank];

/** Losses of some steps, and how long each takes. */
function train(way, steps, choose) {
  mx.clearCache();
  mx.resetPeakMemory();
  const model = new LanguageModel();
  if (way === 'parts') {
    model.tokens = nn.fullyShard(model.tokens);
    model.blocks = model.blocks.map((block) => nn.fullyShard(block));
    model.output = nn.fullyShard(model.output);
  }
  const optimizer = new Adam(1e-5);
  const lossAndGradients = nn.valueAndGrad(model, (all) => {
    const [inputs, targets] = [all.index(':', ':-1'), all.index(':', '1:')];
    return nn.losses.crossEntropy(model(inputs).astype(mx.float32), targets, { reduction: 'mean' });
  });
  const losses = [];
  const times = [];
  for (let step = 0; step < steps; step++) {
    const begin = performance.now();
    const [loss, gradients] = lossAndGradients(choose(windows(step)));
    optimizer.update(model, way === 'copies' ? nn.averageGradients(gradients) : gradients);
    const mean = way === 'alone' ? loss : mx.distributed.allSum(loss).divide(size);
    mx.eval(model.parameters(), optimizer.state, mean);
    losses.push(mean.item());
    times.push(performance.now() - begin);
  }
  // The first steps compile kernels and take memory.
  const milliseconds = times.slice(2).sort((a, b) => a - b)[(steps - 2) >> 1];
  const bytes = mx.getPeakMemory();
  return { losses, milliseconds, bytes, parameters: parametersOf(model) };
}

const steps = isFake ? 3 : 10;
const tokens = batch * context;
const alone = train('alone', steps, ownOf);
say(
  `TIME ${(alone.parameters / 1e9).toFixed(2)} billion parameters, ${batch} x ${context} tokens a card: ` +
    `one card ${alone.milliseconds.toFixed(1)} ms, ${Math.round((1000 * tokens) / alone.milliseconds)} tokens/s, ` +
    `${(alone.bytes / gigabyte).toFixed(1)} GB`,
);
const whole = train('alone', isFake ? 3 : 6, (all) => all);
for (const way of ['copies', 'parts']) {
  const result = train(way, steps, ownOf);
  const efficiency = alone.milliseconds / result.milliseconds;
  const apart = Math.max(
    ...whole.losses.map((loss, i) => Math.abs(result.losses[i] - loss) / Math.abs(loss)),
  );
  say(
    `TIME ${size} cards, ${way}: ${result.milliseconds.toFixed(1)} ms, ` +
      `${Math.round((1000 * size * tokens) / result.milliseconds)} tokens/s, efficiency ` +
      `${efficiency.toFixed(3)}, ${(result.bytes / gigabyte).toFixed(1)} GB a card, losses ` +
      `${result.losses.map((loss) => loss.toFixed(4)).join(' ')}, apart ${apart.toExponential(1)}`,
  );
  // bfloat16 rounds each gradient to 2^-9 of itself.
  if (rank === 0)
    await check(`${way}: the losses of the whole batch on one card`, () =>
      expect(isFake || apart < 2 ** -7, `${result.losses} and ${whole.losses}`),
    );
}
