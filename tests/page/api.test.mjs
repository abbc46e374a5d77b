// What the page does with an answer that is slow, or that stops. A server of node sends it; the test sets the clock.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, mock, test } from "node:test";
import { get } from "../../static/board/read/api.js";

const BODY = '{"data": []}';
let sent; // the response that the server has begun, and does not end

const server = createServer((request, response) => {
  if (request.url === "/") return response.end();
  sent = response;
  sent.writeHead(200, { "Content-Type": "application/json" });
  return sent.write(BODY[0]);
});

/** Return when a request has been there and back: all that was sent before has arrived. */
const waitUntilArrived = async () => (await fetch(document.baseURI)).text();

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
document.baseURI = `http://127.0.0.1:${server.address().port}/`;
mock.timers.enable({ apis: ["setTimeout"] });
after(() => {
  server.closeAllConnections();
  server.close();
});

test("An answer that has begun, and of which nothing comes for a minute, is given up", async () => {
  const answer = get("pause-records");
  await waitUntilArrived();
  mock.timers.tick(60_000);
  await assert.rejects(answer, { hasNoAnswer: true });
});

test("An answer that comes slowly is waited for", async () => {
  const answer = get("pause-records");
  for (const part of BODY.slice(1)) {
    await waitUntilArrived();
    mock.timers.tick(50_000);
    sent.write(part);
  }
  await waitUntilArrived();
  sent.end();
  assert.deepEqual(await answer, JSON.parse(BODY));
});
