import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../api/index.js'

/** A file's text; `undefined` if there is none. */
export async function readText(path: string): Promise<string | undefined> {
  return guarded('read', path, async () => {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  })
}

/** Puts a whole new text in the place of the old one, or leaves the old one. */
export async function replace(path: string, text: string): Promise<void> {
  const half = `${path}.${process.pid}.half`
  await guarded('write', path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await written(half, 'w', (file) => file.writeFile(text))
    await rename(half, path)
    await synced(dirname(path))
  })
}

/** Adds a line, on a line of its own even after a write that broke off. */
export async function appendLine(path: string, line: string): Promise<void> {
  await guarded('write', path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await written(path, 'a+', async (file) => {
      const { size } = await file.stat()
      const { buffer } = size === 0 ? { buffer: Buffer.from('\n') } : await file.read(Buffer.alloc(1), 0, 1, size - 1)
      const start = buffer.toString() === '\n' ? '' : '\n'
      await file.appendFile(`${start}${line}\n`)
    })
  })
}

/** Whether a file is not there, which is an answer and no failure. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

const LOCK_PATIENCE = 5_000

/** Runs `work` while no other process does so for the same path. */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const deadline = Date.now() + LOCK_PATIENCE
  await guarded('write', path, () => mkdir(dirname(path), { recursive: true }))
  for (;;) {
    try {
      await (await open(lock, 'wx')).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failed('write', lock, error)
      // work under it takes milliseconds: an old one was left behind by a process that died
      const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }))
      if (Date.now() - mtimeMs > LOCK_PATIENCE) await rm(lock, { force: true })
      else if (Date.now() > deadline) throw failed('lock', path, error)
      else await pause(20)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function written(path: string, flags: string, write: (file: FileHandle) => Promise<unknown>): Promise<void> {
  const file = await open(path, flags)
  try {
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A renamed file is only safe once its folder is; Windows cannot, and does not need to. */
async function synced(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A failure of the disk as an error that says what to do. */
export async function guarded<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failed(verb, path, error)
  }
}

function failed(verb: string, path: string, cause: unknown): RegistryError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `cannot ${verb} ${path}: ${why}; free some space or choose another folder, and run the same command again`
  return new RegistryError({ code: 'storage_failed', message, cause })
}
