// The main file of each platform's package. A JavaScript file, because bundlers cannot read an
// addon; where one has moved this file away from the addon, @mlx/core looks for it elsewhere.
const { join } = require('node:path');

process.dlopen(module, join(__dirname, 'mlx.node'));
