// Free ports of this machine.

import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections: a port from there
// may be taken again by one between our look and the server's start.
const [FROM, TO] = [10_000, 32_000]
// the one in between that no fetch goes to (WHATWG Fetch, "bad port")
const BAD = 10_080

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort() {
  for (;;) {
    const port = randomInt(FROM, TO)
    if (port !== BAD && (await isFree(port))) return port
  }
}

function isFree(port) {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}
