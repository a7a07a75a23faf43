import type { AddressInfo } from 'node:net';
import { loadModel, makeServer } from '../server.js';

const server = makeServer(loadModel('output/model.safetensors'));
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
