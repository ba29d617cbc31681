// A file of its own when built, and only of what is needed: most programs never load it.
import connect from 'undici/lib/api/api-connect.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'

// as undici's own entry does it with all of its methods; a proxy's tunnel needs this one
Dispatcher.prototype.connect = connect

export { default as Agent } from 'undici/lib/dispatcher/agent.js'
export { default as EnvHttpProxyAgent } from 'undici/lib/dispatcher/env-http-proxy-agent.js'
export { fetch } from 'undici/lib/web/fetch/index.js'
