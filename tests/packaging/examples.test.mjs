// The examples in the package's types, which editors show: each has the types that it relies on, and
// runs against the demo registry.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { installPackage, nodeIn } from '../support/package.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

// where nobody has written the imports down
const MODULES = ['portreeve', 'portreeve/node']

let folder
let registry
let examples

before(async () => {
  folder = await installPackage()
  registry = await startDemoRegistry()
  // what an example uploads, and what another reads back
  writeFileSync(join(folder, 'layer.tar.gz'), 'a layer')
  writeFileSync(join(folder, 'kept.mjs'), `import { connect } from 'portreeve'\nprocess.stdout.write((await connect('${registry.host}').repository('shop/web').inventory()).text)`)
  writeFileSync(join(folder, 'web.jsonl'), (await nodeIn(folder, ['kept.mjs'])).stdout)
  examples = await found()
})
after(() => registry?.stop())

async function found() {
  const types = join(folder, 'node_modules', 'portreeve', 'dist', 'types')
  const files = readdirSync(types, { recursive: true }).filter((file) => file.endsWith('.d.ts'))
  const exported = {}
  for (const name of MODULES) exported[name] = await exportsOf(name)
  return files.flatMap((file) => {
    const blocks = [...readFileSync(join(types, file), 'utf8').matchAll(/^ *\* ```js\n([^]*?)^ *\* ```$/gm)]
    return blocks.map(([, block], index) => example(`${file.replaceAll(/\W+/g, '_')}_${index}`, block.replaceAll(/^ *\* ?/gm, ''), exported))
  })
}

async function exportsOf(name) {
  writeFileSync(join(folder, 'exports.mjs'), `import * as all from '${name}'\nconsole.log(JSON.stringify(Object.keys(all)))`)
  return JSON.parse((await nodeIn(folder, ['exports.mjs'])).stdout)
}

function example(name, code, exported) {
  const written = code.match(/^import .*$/gm) ?? []
  const body = code.replaceAll(/^import .*$/gm, '').replaceAll('127.0.0.1:5555', registry.host)
  const lacking = MODULES.flatMap((module) => {
    const used = (word) => new RegExp(`(?<!\\.)\\b${word}\\b`).test(body)
    const isNamed = (word) => written.some((line) => new RegExp(`\\b${word}\\b`).test(line))
    const names = exported[module].filter((word) => used(word) && !isNamed(word))
    return names.map((word) => `import { ${word} } from '${module}'`)
  })
  // what the examples of methods begin with
  const web = `import { connect as open } from 'portreeve'\nconst web = open(${JSON.stringify(registry.host)}).repository('shop/web')\n`
  const file = `example_${name}.mjs`
  const whole = `${[...lacking, ...written].join('\n')}\n${web}{\n${body}}\nvoid web\n`
  writeFileSync(join(folder, file), whole)
  // a page's own address is none in Node
  return { file, whole, runs: !/fetch\("\//.test(body) }
}

test('every example relies on types that there are', () => {
  assert.ok(examples.length >= 10, `${examples.length} examples`)
  const options = ['--noEmit', '--allowJs', '--checkJs', '--strict', 'false', '--skipLibCheck', '--target', 'es2022', '--lib', 'es2023,dom,dom.asynciterable', '--typeRoots', join(ROOT, 'node_modules', '@types'), '--types', 'node', '--module', 'nodenext']
  const program = join(ROOT, 'node_modules', '.bin', 'tsc')
  try {
    execFileSync(process.execPath, [program, ...options, ...examples.map(({ file }) => file)], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    assert.fail(error.stdout)
  }
})

test('every example runs', async () => {
  for (const { file, whole, runs } of examples) {
    if (!runs) continue
    const { code, stderr } = await nodeIn(folder, [file])
    assert.equal(code, 0, `${file}\n${whole}\n${stderr}`)
  }
})
