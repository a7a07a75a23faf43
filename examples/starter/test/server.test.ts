import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Classifier } from '../src/model.js';
import { makeServer } from '../src/server.js';

const server = makeServer(new Classifier().eval());
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => server.close());

async function ask(path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const { port } = server.address() as AddressInfo;
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body });
  return { status: response.status, body: await response.json() };
}

test('points get probabilities that add up to one', async () => {
  const { status, body } = await ask('/predict', '{ "points": [[0.5, 0.1], [-1, 0]] }');
  assert.equal(status, 200);
  const { probabilities } = body as { probabilities: number[][] };
  assert.equal(probabilities.length, 2);
  for (const [a = NaN, b = NaN] of probabilities) assert.ok(Math.abs(a + b - 1) < 1e-6);
});

test('what cannot be answered is told so', async () => {
  assert.equal((await ask('/health')).status, 200);
  assert.equal((await ask('/nothing')).status, 404);
  for (const body of ['no JSON', '3', '{ "points": [[1]] }', '{ "points": [] }'])
    assert.equal((await ask('/predict', body)).status, 400);
  assert.equal((await ask('/predict', ' '.repeat(2e6))).status, 413);
});
