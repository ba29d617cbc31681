import type { Platform } from '../api/index.js'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `1.2 MB`, in powers of 1,000 as docker counts. */
export function bytes(count: number): string {
  let unit = 0
  let value = count
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `1.2 to 1.4 GB`, `up to 1.4 GB`. */
export function bytesBetween({ least, most }: { least: number; most: number }): string {
  if (least === most) return bytes(most)
  if (least === 0) return `up to ${bytes(most)}`
  const [from, to] = [bytes(least), bytes(most)]
  if (from === to) return to
  const unit = to.slice(to.indexOf(' '))
  return `${from.endsWith(unit) ? from.slice(0, -unit.length) : from} to ${to}`
}

/** `1 manifest`, `2 manifests`. */
export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : several}`
}

/** The first twelve digits, which is what people compare. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}

/** `2026-11-24 10:05`, in UTC. */
export function when(time: string | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

/** `2026-11-24`, in UTC. */
export function day(time: string): string {
  return when(time).slice(0, 10)
}

const DAY = 86_400_000
const AGES: [number, string][] = [
  [365 * DAY, 'year'],
  [30 * DAY, 'month'],
  [DAY, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
]

/** `3 days ago`; empty for a time that lies ahead. */
export function ago(time: string, now = Date.now()): string {
  const age = now - Date.parse(time)
  const [unit, noun] = AGES.find(([length]) => age >= length) ?? []
  if (unit === undefined || noun === undefined) return age >= 0 ? 'just now' : ''
  return `${plural(Math.floor(age / unit), noun)} ago`
}

/** `linux/arm64/v8`. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/')
}
