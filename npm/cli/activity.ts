import { plural } from './format.js'
import { Progress } from './progress.js'

let current: { progress: Progress; requests: number } | undefined

/** Shows, on a terminal and where it takes long, how many requests `work` has had answered. */
export async function shown<T>(what: string, work: () => Promise<T>): Promise<T> {
  const progress = new Progress(what)
  current = { progress, requests: 0 }
  try {
    return await work()
  } finally {
    current = undefined
    progress.end()
  }
}

/** Told of every answer. */
export function answered(): void {
  if (current === undefined) return
  current.requests += 1
  current.progress.update(plural(current.requests, 'request'))
}
