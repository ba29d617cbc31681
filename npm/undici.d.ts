// The parts of undici that are bundled, by the types of the whole.
declare module 'undici/lib/api/api-connect.js' {
  const connect: import('undici').Dispatcher['connect']
  export default connect
}
declare module 'undici/lib/dispatcher/dispatcher.js' {
  export { Dispatcher as default } from 'undici'
}
declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici'
}
declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  export { EnvHttpProxyAgent as default } from 'undici'
}
declare module 'undici/lib/web/fetch/index.js' {
  /** As the global one, by the connections of a dispatcher. */
  export function fetch(input: string, init: RequestInit & { dispatcher: import('undici').Dispatcher }): Promise<Response>
}
