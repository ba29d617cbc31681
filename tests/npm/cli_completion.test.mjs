// The completion scripts, in the shells they are for.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { commandLineTest, inShell } from '../support/cli.mjs'

const here = commandLineTest()

const installed = (shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0
const missing = (shell) => (installed(shell) ? false : `${shell} is not installed`)

/** What bash offers where the cursor stands behind these words. */
async function inBash(...words) {
  // what bash does at Tab: `=` is a word of its own
  const split = words.flatMap((word) => (/^--\w[\w-]*=/.test(word) ? word.replace('=', '\n=\n').split('\n') : [word]))
  const quoted = split.map((word) => `'${word}'`).join(' ')
  const line = `source <(portreeve completion bash)
COMP_WORDS=(portreeve ${quoted})
COMP_CWORD=${split.length}
_portreeve
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { code, stdout, stderr } = await inShell(here.portreeve, line, { shell: 'bash' })
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  return stdout.split('\n').filter((each) => each !== '')
}

test('a real bash loads the script and registers it', { skip: missing('bash') }, async () => {
  const line = 'source <(portreeve completion bash); complete -p portreeve'
  const { code, stdout, stderr } = await inShell(here.portreeve, line, { shell: 'bash' })
  assert.equal(code, 0, stderr)
  assert.equal(stdout, 'complete -F _portreeve portreeve\n')
})

test('bash completes verbs, the verbs below them, and flags before and after', { skip: missing('bash') }, async () => {
  assert.deepEqual(await inBash('ta'), ['tags', 'tag'])
  assert.deepEqual(await inBash('config', ''), ['check'])
  assert.deepEqual(await inBash('token', ''), ['get', 'create'])
  assert.deepEqual(await inBash('--j'), ['--json'])
  assert.deepEqual(await inBash('tags', '--so'), ['--sort'])
  assert.deepEqual(await inBash('--json', 'inspect', '--pla'), ['--plain-http', '--platform'].sort().reverse())
})

test('bash completes values: one of a few, several with commas, files', { skip: missing('bash') }, async () => {
  writeFileSync(join(here.portreeve.folder, 'a plan.json'), '{}')
  assert.deepEqual(await inBash('tags', 'x/y', '--sort', ''), ['name', 'created', 'pushed', 'size'])
  assert.deepEqual(await inBash('tags', 'x/y', '--sort=cr'), ['created'])
  assert.deepEqual(await inBash('tags', '--with', 'digest,p'), ['digest,pushed', 'digest,platforms'])
  assert.deepEqual(await inBash('completion', ''), ['bash', 'zsh', 'fish'])
  assert.deepEqual(await inBash('--config', 'portr'), ['portreeve.json'])
  assert.deepEqual(await inBash('apply', 'a'), ['a plan.json'])
  assert.deepEqual(await inBash('tags', '--limit', ''), [])
})

test('zsh loads the script and completes verbs, flags and values', { skip: missing('zsh') }, async () => {
  // compadd tells what would be offered, where no terminal is there to offer it at
  const line = `autoload -Uz compinit; compinit -u -d "$PWD/.zcompdump"
source <(portreeve completion zsh)
print -r -- "\${_comps[portreeve]}"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=READY; autoload -Uz compinit; compinit -u -d '$PWD/.zcompdump'; portreeve() { '${'$'}NODE' '${'$'}PROGRAM' \\"\\$@\\"; }; source <(portreeve completion zsh); bindkey '^I' list-choices"
zpty -r shell out '*READY*READY*'
for typed in 'portreeve ta' 'portreeve tags --so' 'portreeve tags --sort '; do
  zpty -w -n shell "$typed"$'\\t'; sleep 0.7; zpty -w -n shell $'\\x15'
done
sleep 0.3
while zpty -rt shell out; do print -rn -- "$out"; done`
  const env = { NODE: process.execPath, PROGRAM: here.portreeve.program }
  const { code, stdout, stderr } = await inShell(here.portreeve, line, { shell: 'zsh', env })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^_portreeve$/m)
  for (const offered of ["list a repository's tags", '--sort', 'created']) assert.ok(stdout.includes(offered), stdout)
})

test('fish loads the script and completes verbs, flags and values', { skip: missing('fish') }, async () => {
  const script = await here.portreeve('completion', 'fish')
  writeFileSync(join(here.portreeve.folder, 'portreeve.fish'), script.stdout)
  const offered = async (typed) => {
    const line = `source portreeve.fish; complete -C '${typed}' | string replace -r '\\t.*' ''; true`
    const { status, stdout, stderr } = spawnSync('fish', ['--no-config', '-c', line], { cwd: here.portreeve.folder, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    return stdout.split('\n').filter((each) => each !== '')
  }
  assert.deepEqual(await offered('portreeve ta'), ['tag', 'tags'])
  assert.deepEqual(await offered('portreeve config '), ['check'])
  assert.deepEqual(await offered('portreeve tags --so'), ['--sort'])
  assert.deepEqual((await offered('portreeve tags --sort ')).sort(), ['created', 'name', 'pushed', 'size'])
  assert.ok((await offered('portreeve tags --with digest,p')).includes('digest,pushed'))
  assert.ok((await offered('portreeve apply port')).includes('portreeve.json'))
})
