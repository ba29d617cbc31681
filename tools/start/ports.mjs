// Where the two servers listen.

import { createServer } from 'node:net'

import { Failure } from '../command.mjs'

/** Both servers listen on this address alone. */
export const ADDRESS = '127.0.0.1'

/** The port the checked-in portreeve.json names for the upstream `demo`. */
export const DEMO_PORT = 5555

/** Reads `PORT` and `DEMO_PORT`. */
export function portsFrom({ PORT = '8787', DEMO_PORT: demo = String(DEMO_PORT) }) {
  const ports = { worker: port('PORT', PORT), demo: port('DEMO_PORT', demo) }
  if (ports.worker === ports.demo) throw new Failure(`PORT and DEMO_PORT are both ${ports.worker}: give one of them another value.`)
  return ports
}

function port(name, text) {
  const value = Number(text)
  if (/^[0-9]+$/.test(text) && value >= 1 && value <= 65535) return value
  throw new Failure(`${name}=${text} is not a port: expected a number from 1 to 65535.`)
}

/** Fails when something listens on one of them already. */
export async function requireFree({ worker, demo }) {
  await requirePort(worker, 'PORT', 'the Worker')
  await requirePort(demo, 'DEMO_PORT', 'the demo registry')
}

function requirePort(number, variable, who) {
  return new Promise((free, fail) => {
    const server = createServer()
    server.once('error', ({ code }) => {
      const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be opened (${code})`
      fail(new Failure(`port ${number} on ${ADDRESS} ${why}, and ${who} listens there.\nChoose another one: ${variable}=${number + 10000 > 65535 ? number - 1000 : number + 10000} npm start`))
    })
    server.listen(number, ADDRESS, () => server.close(free))
  })
}
