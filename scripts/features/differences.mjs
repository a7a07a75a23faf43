// What differs from MLX's Python on purpose: [what, why].

/** Why names of MLX are not here, by the full names that begin so. */
export const absent = [
  ['mlx.core.array.__array_namespace__', 'a protocol of Python'],
  ['mlx.core.DeviceType', "the words 'cpu' and 'gpu' stand for it"],
];

export const language = [
  [
    'Names are camelCase (`array_equal` is `arrayEqual`); classes and dtypes keep theirs. In files, names of weights stay in snake_case.',
    'JavaScript’s custom; files travel to and from Python.',
  ],
  [
    'Keyword arguments are an options object at the end, from any parameter on. Unknown names are an error.',
    'JavaScript has no keyword arguments.',
  ],
  [
    'Operators are methods: `a + b` is `a.add(b)`, `a[i]` is `a.index(i)`, `a[i] = v` is `a.indexPut_(i, v)`. Arrays refuse to be primitives.',
    'JavaScript has no operators for objects; `a > 0` would silently compare texts.',
  ],
  [
    '`mx.array([1, 2])`, `mx.full`, `mx.arange` and their kin give float32 unless a dtype is named; bigints give int64. A number beside an array takes the array’s dtype where it fits.',
    'JavaScript has one kind of number, which cannot tell 1 from 1.0.',
  ],
  [
    'int64 and uint64 leave as numbers while they are safe integers, as bigints beyond.',
    'A number holds 53 bits; nothing is rounded silently.',
  ],
  [
    '`eval` and `var` are also `evaluate` and `variance`; `module.forward` is what `__call__` is in Python, and modules are called as functions too.',
    'Reserved words can be properties but not imported by name.',
  ],
  [
    '`asyncEval` returns a promise, `await a.data()` waits for values; the thread stays free.',
    'A server or an interface must not block.',
  ],
  [
    'Memory of arrays that JavaScript dropped is found by sweeps in the loop itself; `tidy`, `dispose` and `using` free at once.',
    'JavaScript has no reference counts, and its finalizers do not run inside a loop.',
  ],
  [
    'Streams and print options that a scope sets (`mx.stream`, `mx.printoptions`) are `using` scopes, which follow what is awaited.',
    'JavaScript has no `with`.',
  ],
];

export const behaviour = [
  [
    '`const w = layer.weight` is seen to change in place from an optimizer’s second update on. What `parameters()` and `state` return never changes; `mx.array(layer.weight)` copies.',
    'New values move into the array objects that the first update made: objects that are replaced each step grow old and cost the garbage collector 17 s in 100 steps of a large model, instead of 1.2 s.',
  ],
  [
    'An array can be read with a boolean mask (`a.index(mask)`), and there are `nonzero` and `argwhere`; they compute at that point, and are refused inside `vmap` and `compile`.',
    'NumPy and PyTorch have them; MLX has not, as the result’s shape depends on values.',
  ],
  [
    '`floorDivide` and `//` of integers round down, as `remainder` assumes; MLX truncates.',
    'a = (a // b) · b + a % b holds, as in Python and NumPy.',
  ],
  [
    'An index that is out of range is a RangeError where it is a number or a list.',
    'MLX does not check bounds.',
  ],
  [
    'Errors are classes (`mx.ShapeError`, `mx.DtypeError`, `mx.EngineError`, TypeError, RangeError) whose messages begin with the name that was called.',
    'A program can tell them apart.',
  ],
  [
    'Results are equal to the bit for any number of threads, and fused or not.',
    'So that a failure can be repeated.',
  ],
  [
    '`max`, `min`, `argmax`, `argmin` and sorting treat NaN as NumPy does: it propagates, and sorts last.',
    'MLX leaves it undefined.',
  ],
  [
    'A query of `scaledDotProductAttention` that may see nothing gets the mean of the values on every backend.',
    'MLX’s backends differ.',
  ],
  [
    'Slopes at the corners of `leakyRelu`, `celu` and `prelu` at 0 are those of the negative side; equal distances in `tripletLoss` keep their gradient.',
    'As in PyTorch; MLX’s own formulas give 1, 0 and 1 + alpha.',
  ],
  [
    '`Upsample` at scale factors that don’t give whole sizes takes PyTorch’s positions; MLX centres the grid.',
    'Networks that were trained there give the same here.',
  ],
  [
    '`crossEntropy` of targets that don’t sum to 1 weights the normaliser with them.',
    'The formula of cross entropy, and PyTorch’s.',
  ],
  [
    '`tripletLoss` takes the norm of order `p`; MLX takes a square root whatever `p` is.',
    'What the parameter says.',
  ],
  [
    'Losses promote integers to float32 before they square or subtract them.',
    'Small integers wrap.',
  ],
  [
    'Optimizers keep each parameter’s dtype, also where its gradient is wider, and leave integers alone.',
    'A float16 model stays one.',
  ],
  [
    'RMSprop, Adagrad, AdaDelta, Adafactor and Adam’s kin take absolute squares of complex gradients, Muon conjugates.',
    'The squares of complex numbers are no sizes, and steps lose their direction.',
  ],
  [
    'Files are written beside their place and moved there; they are opened as regular files only, and their headers are checked whole.',
    'A program may be stopped at any time, and files may be hostile.',
  ],
  [
    '`convolve`, `fft` and other functions of sizes refuse what would exhaust memory with a RangeError or EngineError.',
    'No input ends the process.',
  ],
  [
    'A `Map`, `Set` or promise in a tree of arrays is an error, and so is a module in a `Map` or `Set`.',
    'It would be passed over: not computed, not trained.',
  ],
  [
    'A shapeless `compile` traces again where sizes decide what is done: `roll`, `fft` of a length, `x.shape`.',
    'What was traced for some sizes can be wrong for others.',
  ],
];
