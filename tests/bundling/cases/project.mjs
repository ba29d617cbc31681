// A project of a user, with the package installed and the cases in it.

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { installPackage } from '../../support/package.mjs'

const CASES = new URL('use.mjs', import.meta.url)

/** An installed project: `use.mjs`, an entry that prints and one that a page waits for. */
export async function userProject(host) {
  const folder = await installPackage()
  copyFileSync(CASES, join(folder, 'use.mjs'))
  const call = `use(${JSON.stringify(host)})`
  writeFileSync(join(folder, 'print.mjs'), `import { use } from './use.mjs'\n${call}.then((result) => console.log(JSON.stringify(result)))\n`)
  writeFileSync(
    join(folder, 'page.js'),
    `import { use } from './use.mjs'\n${call}.then((result) => (globalThis.outcome = result), (error) => (globalThis.outcome = String(error?.stack ?? error)))\n`,
  )
  writeFileSync(join(folder, 'index.html'), page('/page.js'))
  return folder
}

/** A page that loads one module. */
export function page(script, head = '') {
  return `<!doctype html><meta charset="utf-8">${head}<title>a page</title><script type="module" src="${script}"></script>`
}

/** What the page at `url` comes to. */
export async function outcomeOf(browser, url) {
  const tab = await browser.newPage()
  const problems = []
  tab.on('pageerror', (error) => problems.push(String(error)))
  tab.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  await tab.goto(url)
  try {
    const handle = await tab.waitForFunction(() => globalThis.outcome, undefined, { timeout: 30_000 })
    return await handle.jsonValue()
  } catch (error) {
    throw new Error(`the page came to nothing: ${problems.join('\n') || error.message}`)
  } finally {
    await tab.close()
  }
}
