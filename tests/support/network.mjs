// What stands between a client and a registry: TLS, and a proxy that records.
//
//   const front = await startTlsFront(registry, authority.sign(['registry.test']))
//   front.host                                      // 127.0.0.1:41234, https
//   const proxy = await startProxy({ 'registry.test:443': front.host, 'plain.test:80': registry.host })
//   proxy.url, proxy.requests                       // ['CONNECT registry.test:443', 'GET http://plain.test/v2/']
//   proxy.credentials                               // the Proxy-Authorization of each
//
// Names of the proxy's routes need not exist: it alone knows where they lead.

import { createServer, request as send } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'

/** A registry behind TLS. */
export async function startTlsFront({ host }, { certificate, key }) {
  const server = createTlsServer({ cert: certificate, key }, (request, response) => forward(request, response, host))
  // a client that does not trust it breaks off
  server.on('tlsClientError', () => {})
  const { port, stop } = await listening(server)
  return { host: `127.0.0.1:${port}`, url: `https://127.0.0.1:${port}`, stop }
}

/** An HTTP proxy: CONNECT, and whole addresses for plain http. With `refuses`, its status for all. */
export async function startProxy(routes = {}, { refuses } = {}) {
  const requests = []
  const credentials = []
  const record = ({ method, url, headers }) => {
    requests.push(`${method} ${url}`)
    credentials.push(headers['proxy-authorization'])
  }
  const server = createServer((request, response) => {
    record(request)
    const { host, hostname, port, pathname, search } = new URL(request.url)
    const target = routes[`${hostname}:${port || 80}`] ?? host
    if (refuses !== undefined) return response.writeHead(refuses).end()
    request.url = `${pathname}${search}`
    forward(request, response, target)
  })
  server.on('connect', (request, socket) => {
    record(request)
    if (refuses !== undefined) return socket.end(`HTTP/1.1 ${refuses} Refused\r\n\r\n`)
    const [hostname, port] = (routes[request.url] ?? request.url).split(':')
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    const end = () => (socket.destroy(), onward.destroy())
    onward.on('error', end)
    socket.on('error', end)
    socket.on('close', end)
  })
  const { port, stop } = await listening(server)
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, requests, credentials, stop }
}

/** A server of `answer(request, response)`. */
export async function startServer(answer) {
  const { port, stop } = await listening(createServer(answer))
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, stop }
}

function forward(request, response, host) {
  const [hostname, port] = host.split(':')
  const { method, url: path, headers } = request
  const onward = send({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

async function listening(server) {
  const sockets = new Set()
  server.on('connection', (socket) => sockets.add(socket).size && socket.on('close', () => sockets.delete(socket)))
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const stop = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((closed) => server.close(closed))
  }
  return { port: server.address().port, stop }
}
