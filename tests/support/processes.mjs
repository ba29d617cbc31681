// The processes below one, as Linux's /proc tells.

import { readdirSync, readFileSync } from 'node:fs'

/** Every process below `ancestor`, itself first: `{ pid, command }`. */
export function processTree(ancestor) {
  const all = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number).flatMap(describe)
  const below = (pid) => all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)])
  return [...all.filter(({ pid }) => pid === ancestor), ...below(ancestor)]
}

/** Whether the process runs: one that has ended and was not waited for does not. */
export function runs(pid) {
  return describe(pid).some(({ state }) => state !== 'Z')
}

function describe(pid) {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    return [{ pid, state, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
  } catch {
    return []
  }
}
