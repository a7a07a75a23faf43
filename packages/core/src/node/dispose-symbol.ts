// Contexts of node:vm, such as those of jest, lack what Node 20 adds to its own globals.
if (Symbol.dispose === undefined)
  Object.defineProperty(Symbol, 'dispose', { value: Symbol.for('nodejs.dispose') });

export {};
