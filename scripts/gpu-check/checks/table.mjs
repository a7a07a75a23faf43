// A part of the operation table's rows: the card's values against the CPU's.
import { check } from './check.mjs';
import { loadTable } from './packages.mjs';

const { operations, checkDevices } = loadTable();
const [part, parts] = process.argv.slice(2).map(Number);
for (const [i, operation] of operations.entries())
  if (i % parts === part) await check(operation.name, () => checkDevices(operation));
