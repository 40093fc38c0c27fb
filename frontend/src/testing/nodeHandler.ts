/** The mock API inside the dev server (`npm run dev:mock`). */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { handle } from './handlers';

const DELAY_MS = 60;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text && request.headers['content-type']?.includes('json') ? JSON.parse(text) : {};
}

/** Connect middleware: answers below /api/v1, passes everything else on. */
export function handleNodeRequest(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (!url.pathname.startsWith('/api/v1/')) return next();
  void bodyOf(request).then((body) => {
    const answer = handle({ method: request.method ?? 'GET', path: url.pathname.slice('/api/v1'.length), query: Object.fromEntries(url.searchParams), body, ifMatch: request.headers['if-match'] ?? null });
    setTimeout(() => {
      response.writeHead(answer.status, { 'Content-Type': 'application/json' });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    }, DELAY_MS);
  });
}
