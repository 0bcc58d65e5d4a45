// What every server here begins with: the packages, which are in the build folder, and a port.
//
//   node NAME.mjs [PORT]      127.0.0.1; 0, the default: any. Prints "listening on http://127.0.0.1:PORT", or https.
//
// A server ends with its standard input, so that none outlives a test that was killed.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const packages = createRequire(`${process.env.PACKAGES}/`);

export function say(http, scheme = 'http') {
  console.log(`listening on ${scheme}://127.0.0.1:${http.address().port}`);
  process.stdin.resume().on('end', () => process.exit(0));
}

export function listen(http) {
  http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => say(http));
}

// Serves the one page of an app, if it has one.
export function webServer(page) {
  return createServer((request, response) => {
    if (!page || new URL(request.url, 'http://app').pathname !== '/') return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(readFileSync(new URL(`../pages/${page}`, import.meta.url)));
  });
}
