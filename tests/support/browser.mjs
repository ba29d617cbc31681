// A headless Chromium:
//
//   const browser = await startBrowser()                 // needs('chromium')
//   t.after(() => browser.close())
//   const page = await browser.newPage({ viewport: { width: 375, height: 812 }, colorScheme: 'dark' })
//
// `browser` and `page` are Playwright's. Each browser has a profile of its own that is gone after it.

import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

import { peer } from './peers.mjs'

/** Starts one that talks to nobody but the test. */
export function startBrowser() {
  return chromium.launch({
    executablePath: peer('chromium'),
    args: [
      // the tests run as root in CI, where Chromium's sandbox does not
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Serves texts by their paths, so that a page has an origin: `{ url, stop() }`. */
export function servePage(files) {
  return serveBy((path) => files[path])
}

const TYPES = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm' }

/** Serves the files of a folder, with `files` in the place of some: `{ url, stop() }`. */
export function serveFolder(folder, files = {}) {
  return serveBy((path) => {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    return files[path] ?? (statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined)
  })
}

async function serveBy(find) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page')
    const content = find(decodeURIComponent(pathname))
    const type = TYPES[pathname.split('.').pop()] ?? 'text/html; charset=utf-8'
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type })
    response.end(content)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const stop = () => new Promise((closed) => (server.close(closed), server.closeAllConnections()))
  return { url: `http://127.0.0.1:${server.address().port}`, stop }
}
