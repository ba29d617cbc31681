// What one download costs the process that serves it, as Linux's /proc tells.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'

// getconf CLK_TCK, the same on every Linux
const TICKS_PER_SECOND = 100

/** Downloads it, checks every byte, and answers `{ seconds, cpuSeconds, growth }`, growth in bytes. */
export async function measure({ url, pid }, path, { digest, size, bytes }) {
  const before = { memory: memory(pid), cpu: cpu(pid) }
  let peak = before.memory
  const sampling = setInterval(() => (peak = Math.max(peak, memory(pid))), 10)
  const started = performance.now()
  const answer = await download(`${url}${path}`, bytes ? { range: bytes } : {})
  const seconds = Math.round(performance.now() - started) / 1000
  clearInterval(sampling)
  peak = Math.max(peak, memory(pid))
  check(answer, { path, digest, size, bytes })
  return { seconds, cpuSeconds: Math.round((cpu(pid) - before.cpu) * 100) / 100, growth: peak - before.memory }
}

function download(url, headers) {
  return new Promise((done, fail) => {
    get(url, { headers, agent: false }, (response) => {
      const hash = createHash('sha256')
      let length = 0
      response.on('data', (piece) => {
        length += piece.length
        hash.update(piece)
      })
      response.on('end', () => done({ status: response.statusCode, length, digest: `sha256:${hash.digest('hex')}` }))
      response.on('error', fail)
    }).on('error', fail)
  })
}

function check({ status, length, digest }, { path, digest: wantedDigest, size, bytes }) {
  const whole = !bytes
  if (status === (whole ? 200 : 206) && (!whole || (length === size && digest === wantedDigest))) return
  throw new Error(`${path}: status ${status}, ${length} bytes, ${digest}; expected ${size} bytes, ${wantedDigest}`)
}

function memory(pid) {
  const [, kibibytes] = /^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kibibytes) * 1024
}

function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  const [user, system] = fields.slice(11, 13)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}
