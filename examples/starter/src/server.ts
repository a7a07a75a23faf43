import * as mx from '@mlx/core';
import { loadCheckpoint } from '@mlx/optimizers';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Classifier } from './model.js';

const longestBody = 1_000_000;

/** A request that cannot be answered, and why. */
class BadRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The trained model of a checkpoint. */
export function loadModel(file: string): Classifier {
  const model = new Classifier();
  loadCheckpoint(file, { model }, { random: false });
  return model.eval();
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) throw new BadRequest(413, 'the body is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest(400, 'the body is no JSON');
  }
}

function pointsIn(body: unknown): [number, number][] {
  const { points } = (body ?? {}) as { points?: unknown };
  const isPoint = (point: unknown): point is [number, number] =>
    Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
  if (Array.isArray(points) && points.length > 0 && points.every(isPoint)) return points;
  throw new BadRequest(400, 'expected { "points": [[x, y], ...] }');
}

/** The probability of each class for each point; other requests are served meanwhile. */
async function predict(model: Classifier, points: [number, number][]): Promise<number[][]> {
  const probabilities = mx.softmax(model(mx.array(points)), -1);
  await mx.asyncEval(probabilities);
  return probabilities.tolist() as number[][];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** `GET /health`, and `POST /predict` with `{ "points": [[x, y], ...] }`. */
export function makeServer(model: Classifier): Server {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /health') answer(response, 200, { ok: true });
    else if (route === 'POST /predict') {
      const points = pointsIn(await bodyOf(request));
      answer(response, 200, { probabilities: await predict(model, points) });
    } else throw new BadRequest(404, `there is no ${route}`);
  };
  return createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      const isBad = error instanceof BadRequest;
      if (!isBad) console.error(error);
      answer(response, isBad ? error.status : 500, {
        error: isBad ? error.message : 'internal error',
      });
    });
  });
}
