// The page, in Chromium, from the Worker that serves it, over the demo registry.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { startBrowser } from '../support/browser.mjs'
import { needs } from '../support/peers.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { startUnderWrangler } from '../support/worker.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = '#repository=demo/shop/web'
const PLAN = '#repository=demo/shop/web&view=plan'
const TOKEN = 'prt_page_test_token'

describe('the page', { skip: needs('chromium') }, () => {
  let registry, open, closed, browser

  before(async () => {
    registry = await startDemoRegistry()
    const configuration = JSON.parse(readFileSync(join(ROOT, 'portreeve.json'), 'utf8'))
    configuration.upstreams.demo.host = registry.host
    // with one repository, the page opens it at once
    configuration.jobs.api = { ...configuration.jobs.shop, repositories: ['demo/shop/api'] }
    const reviewer = {
      tokenSha256: [createHash('sha256').update(TOKEN).digest('hex')],
      grants: [{ actions: ['pull', 'plan'], repositories: ['demo/shop/web'] }],
    }
    ;[open, closed, browser] = await Promise.all([
      startUnderWrangler({ configuration }),
      startUnderWrangler({ configuration: { ...configuration, clients: { reviewer } } }),
      startBrowser(),
    ])
  })
  after(() => Promise.all([browser?.close(), open?.stop(), closed?.stop(), registry?.stop()]))

  /** Opens a view; whatever the browser complains about, or asks of another host, fails the test at its end. */
  async function visit(t, fragment, { width = 1440, worker = open, allow = /^$/ } = {}) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(60_000)
    const complaints = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.stack))
    page.on('request', (request) => {
      if (!request.url().startsWith(worker.url) && !request.url().startsWith('data:')) complaints.push(`asked ${request.url()}`)
    })
    t.after(async () => {
      await page.close()
      assert.deepEqual(complaints.filter((complaint) => !allow.test(complaint)), [])
    })
    await page.goto(`${worker.url}/${fragment}`)
    return page
  }

  const tagRows = (page) => page.locator('table.tags > tbody > tr:not(.details)')
  const planRows = (page) => page.locator('table.plan > tbody > tr:not(.details)')
  const settled = (page) => page.locator('main table, main .notice.failed').first().waitFor().then(() => page.locator('progress').waitFor({ state: 'detached' }))
  const count = (page, verdict) => page.locator(`.count-card.${verdict} .number`).innerText().then(Number)

  test('shows every tag that the registry lists, the newest first, with date, digest, size and platforms', async (t) => {
    const listed = await (await fetch(`${registry.url}/v2/shop/web/tags/list`)).json()
    const page = await visit(t, TAGS)
    await settled(page)
    const rows = tagRows(page)
    assert.equal(await rows.count(), listed.tags.length)
    const dates = await rows.locator('time').evaluateAll((times) => times.map((time) => time.dateTime))
    assert.deepEqual(dates, dates.toSorted().reverse())
    const release = rows.filter({ has: page.getByRole('button', { name: 'v1.4.2', exact: true }) })
    const head = await fetch(`${registry.url}/v2/shop/web/manifests/v1.4.2`, { method: 'HEAD', headers: { accept: 'application/vnd.oci.image.index.v1+json' } })
    assert.equal(await release.locator('.hash code').getAttribute('title'), head.headers.get('docker-content-digest'))
    assert.match(await release.locator('.date').innerText(), /^\d{4}-\d\d-\d\d\s+pushed /)
    assert.match(await release.locator('.size').innerText(), /^[\d.]+ (B|KiB|MiB)$/)
    assert.match(await release.locator('.platforms').innerText(), /linux\/amd64\s*linux\/arm64/)
  })

  test('opens a tag by keyboard to its pull command, and sorts by keyboard', async (t) => {
    const page = await visit(t, TAGS)
    await settled(page)
    const opener = page.getByRole('button', { name: 'v1.4.2', exact: true })
    await opener.focus()
    await page.keyboard.press('Enter')
    assert.equal(await opener.getAttribute('aria-expanded'), 'true')
    assert.match(await page.locator('.details').innerText(), new RegExp(`docker pull ${open.host}/demo/shop/web:v1\\.4\\.2`))
    await page.getByRole('button', { name: 'Size', exact: true }).focus()
    await page.keyboard.press('Enter')
    const heading = page.locator('th.size[aria-sort]')
    assert.equal(await heading.getAttribute('aria-sort'), 'descending')
    await page.keyboard.press('Enter')
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending')
    assert.match(page.url(), /&sort=size$/)
  })

  test('filters tags, and the filter is in the address', async (t) => {
    const page = await visit(t, TAGS)
    await settled(page)
    await page.getByLabel('Filter tags').fill('pr-')
    await page.getByText(/^6 of \d+ tags$/).waitFor()
    assert.match(page.url(), /&search=pr-$/)
    await page.reload()
    await settled(page)
    assert.equal(await tagRows(page).count(), 6)
    await page.getByLabel('Filter tags').fill('nothing like it')
    await page.getByRole('button', { name: /^Show all/ }).click()
    assert.ok((await tagRows(page).count()) > 6)
  })

  test('reads only what is shown of a long list without dates, and says so', async (t) => {
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    t.after(() => page.close())
    const read = new Set()
    await page.route('**/v2/demo/shop/long/**', (route) => {
      const [, kind, name] = /long\/(tags|manifests)\/([^?]+)/.exec(route.request().url())
      if (kind === 'tags') return route.fulfill({ json: { name: 'shop/long', tags: Array.from({ length: 237 }, (_, at) => `t${at}`) } })
      read.add(name)
      return route.fulfill({ status: 404, json: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'gone' }] } })
    })
    await page.goto(`${open.url}/#repository=demo/shop/long`)
    await settled(page)
    assert.equal(await tagRows(page).count(), 100)
    assert.equal(read.size, 100)
    assert.equal(await tagRows(page).first().locator('.size').innerText(), 'not readable')
    const notice = page.getByText(/^137 tags come last/)
    await notice.getByRole('button', { name: 'Read them' }).click()
    await notice.waitFor({ state: 'detached' })
    await settled(page)
    assert.equal(read.size, 237)
    await page.getByRole('button', { name: 'Show 100 more' }).click()
    await page.getByRole('button', { name: 'Show 37 more' }).click()
    assert.equal(await tagRows(page).count(), 237)
  })

  test("shows the job's plan: a verdict with its reason for each image, and the sums agree", async (t) => {
    const page = await visit(t, PLAN)
    await settled(page)
    assert.ok((await count(page, 'delete')) >= 10)
    const verdicts = await planRows(page).locator('.judged').allInnerTexts()
    for (const verdict of ['delete', 'keep', 'blocked', 'unknown']) {
      assert.equal(verdicts.filter((text) => text === verdict).length, await count(page, verdict), verdict)
    }
    for (const why of await planRows(page).locator('.explanation').allInnerTexts()) assert.notEqual(why, '')
    const release = planRows(page).filter({ has: page.getByRole('button', { name: 'v1.4.1', exact: true }) })
    assert.equal(await release.locator('.judged').innerText(), 'keep')
  })

  test('says before the images how much is freed, and how old the oldest and the newest is that goes', async (t) => {
    const page = await visit(t, PLAN)
    await settled(page)
    const said = await page.getByRole('region', { name: 'What deleting comes to' }).innerText()
    assert.match(said, /frees\s+[\d.]+ (B|KiB|MiB)/)
    const [oldest, newest] = await page.locator('.deletions time').evaluateAll((times) => times.map((time) => time.dateTime))
    assert.ok(oldest < newest, said)
    const policy = JSON.parse(await page.getByLabel('Policy, as JSON').inputValue())
    await page.getByLabel('Policy, as JSON').fill(JSON.stringify({ ...policy, delete: [] }))
    await page.locator('.deletions').waitFor({ state: 'detached' })
  })

  test('an opened image shows the chain behind its verdict: what it hangs on, and each rule with what was found', async (t) => {
    const page = await visit(t, `${PLAN}&verdict=delete`)
    await settled(page)
    await page.locator('.opener').first().click()
    const chain = page.locator('.details .chain')
    await chain.waitFor()
    assert.match(await chain.innerText(), /The rules\s+delete branch builds: matches/)
    assert.match(await chain.innerText(), /pushed at least 30d ago: yes, 20/)
    assert.match(await chain.innerText(), /keep releases: does not match/)
    assert.doesNotMatch(await chain.innerText(), /[0-9a-f]{64}/)
  })

  test('a linked verdict shows only its images', async (t) => {
    const page = await visit(t, `${PLAN}&verdict=delete`)
    await settled(page)
    assert.equal(await page.locator('.count-card.delete').getAttribute('aria-pressed'), 'true')
    assert.equal(await planRows(page).count(), await count(page, 'delete'))
    await page.locator('.count-card.delete').click()
    assert.ok((await planRows(page).count()) > (await count(page, 'delete')))
  })

  test('plans an edited policy at once, reading nothing again, and takes the edit back', async (t) => {
    const page = await visit(t, PLAN)
    await settled(page)
    const before = await count(page, 'delete')
    const asked = []
    page.on('request', (request) => asked.push(request.url()))
    const original = await page.getByLabel('Policy, as JSON').inputValue()
    const policy = JSON.parse(original)
    const number = page.locator('.count-card.delete .number')
    await page.getByLabel('Policy, as JSON').fill(JSON.stringify({ ...policy, delete: policy.delete.slice(0, 1) }, null, 2))
    await page.waitForFunction(([element, old]) => Number(element.textContent) < old, [await number.elementHandle(), before])
    assert.deepEqual(asked, [])
    await page.getByRole('button', { name: 'Undo my changes' }).click()
    await page.waitForFunction(([element, old]) => Number(element.textContent) === old, [await number.elementHandle(), before])
    assert.equal(await page.getByLabel('Policy, as JSON').inputValue(), original)
  })

  test('leads from a problem in the policy to its place, and keeps the last plan in sight', async (t) => {
    const page = await visit(t, PLAN)
    await settled(page)
    const before = await count(page, 'delete')
    const field = page.getByLabel('Policy, as JSON')
    const text = await field.inputValue()
    await field.fill(text.replace('"olderThan"', '"oldrThan"'))
    const problem = page.locator('.problems button').first()
    await problem.waitFor()
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    const line = text.slice(0, text.indexOf('"olderThan"')).split('\n').length
    assert.match(await problem.innerText(), new RegExp(`^Line ${line}\\b`))
    await problem.click()
    assert.ok(await field.evaluate((area) => document.activeElement === area && area.selectionStart > 0))
    assert.equal(await count(page, 'delete'), before)
    await field.fill('{ "delete": [')
    await page.getByText('This is no JSON').waitFor()
  })

  test('shows names as text, whatever they hold', async (t) => {
    const page = await visit(t, PLAN)
    await settled(page)
    const name = '<img src=x onerror="document.title=`taken`">'
    const field = page.getByLabel('Policy, as JSON')
    const policy = JSON.parse(await field.inputValue())
    policy.delete[0].name = name
    await field.fill(JSON.stringify(policy))
    await page.locator('.causes').getByText(name).waitFor()
    assert.equal(await page.locator('main img').count(), 0)
    assert.notEqual(await page.title(), 'taken')
  })

  test('says what to do when a repository is not there', async (t) => {
    const page = await visit(t, '#repository=demo/shop/nothing', { allow: /404/ })
    await settled(page)
    const failure = page.getByRole('alert')
    assert.match(await failure.innerText(), /not_found/)
    assert.match(await failure.innerText(), /Check the spelling/)
  })

  test('asks for a token where access is denied, and keeps it in memory only', async (t) => {
    const page = await visit(t, TAGS, { worker: closed, allow: /401/ })
    await page.getByRole('heading', { name: 'Access denied' }).waitFor()
    await page.getByLabel('Token').fill(TOKEN)
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await settled(page)
    assert.ok((await tagRows(page).count()) > 40)
    await page.getByRole('link', { name: 'Cleanup plan' }).click()
    await settled(page)
    assert.ok((await count(page, 'delete')) >= 10)
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]))
    assert.ok(!kept.includes(TOKEN), kept)
    await page.reload()
    await page.getByRole('heading', { name: 'Access denied' }).waitFor()
  })

  test('is served with a policy against foreign scripts, which the page keeps', async () => {
    const { headers } = await fetch(`${open.url}/`)
    const policy = headers.get('content-security-policy')
    for (const directive of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.split('; ').includes(directive), `${directive} is not in ${policy}`)
    }
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
  })

  for (const [name, fragment] of [['the start page', ''], ['tags', TAGS], ['a plan', PLAN]]) {
    for (const width of [375, 1440]) {
      test(`${name} at ${width} px: nothing sticks out, and axe finds nothing, light or dark`, async (t) => {
        const page = await visit(t, fragment, { width })
        if (fragment.includes('repository')) {
          await settled(page)
          await page.locator('.opener').first().click()
          if (fragment === PLAN) await page.locator('.chain').waitFor()
        }
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(beyond <= 0, `${beyond} px stick out`)
        await page.evaluate(AXE)
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme })
          const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
          assert.deepEqual(violations.map(({ id, nodes }) => [colorScheme, id, nodes[0].html]), [])
        }
      })
    }
  }
})
