// What only the user can install, all named at once, before anything is downloaded or built.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PREREQUISITES = [
  {
    name: 'Node >= 20.19',
    present: () => {
      const [major, minor] = process.versions.node.split('.').map(Number)
      return major > 20 || (major === 20 && minor >= 19)
    },
    found: () => `this is Node ${process.versions.node}`,
    remedy: 'https://nodejs.org/en/download, or your package manager',
  },
  {
    name: 'npm',
    present: () => answers('npm'),
    remedy: 'it comes with Node from https://nodejs.org; on Debian: sudo apt-get install npm',
  },
  {
    name: 'Rust, by rustup',
    present: () => answers('cargo') && (answers('rustup') || isEnoughWithoutRustup()),
    found: () => answers('cargo') && 'this Rust is older than 1.91, or lacks the target wasm32-unknown-unknown',
    remedy: "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, then open a new terminal",
  },
  {
    name: 'a C compiler (cc)',
    present: () => answers('cc'),
    remedy: 'Rust links with it; on Debian: sudo apt-get install gcc libc6-dev; on macOS: xcode-select --install',
    platforms: ['linux', 'darwin'],
  },
]

/** Ends the process with a list when something is missing. */
export function requirePrerequisites() {
  const missing = PREREQUISITES.filter(
    ({ platforms, present }) => (!platforms || platforms.includes(process.platform)) && !present(),
  )
  if (missing.length === 0) return
  console.error('portreeve needs what is not on this machine:\n')
  for (const { name, found, remedy } of missing) {
    const instead = found?.()
    console.error(`  ${name}${instead ? ` (${instead})` : ''}\n    get it: ${remedy}`)
  }
  console.error('\nThen run the same command again.')
  process.exit(1)
}

function answers(command) {
  // a folder without rust-toolchain.toml: rustup would download that toolchain only to answer
  const { error } = spawnSync(command, ['--version'], { cwd: '/', shell: process.platform === 'win32' })
  return !error
}

/** rustup brings what rust-toolchain.toml names; any other Rust must have it. */
function isEnoughWithoutRustup() {
  const ask = (...args) => String(spawnSync('rustc', args).stdout ?? '').trim()
  const [, minor] = /^rustc 1\.([0-9]+)\./.exec(ask('--version')) ?? []
  return Number(minor) >= 91 && existsSync(ask('--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'))
}
