import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Code, type Configuration, type Problem, readConfiguration, RegistryError } from '../api/index.js'
import { excerpt } from './excerpt.js'
import { isProblems } from './failure.js'

const NAME = 'portreeve.json'

/** A configuration and where it lies. */
export interface Loaded {
  file: string
  configuration: Configuration
  /** The state folder beside it. */
  state: string
}

/** The configuration of `--config`, else the next `portreeve.json` upwards, else none. */
export async function loadConfiguration(named: string | undefined): Promise<Loaded | undefined> {
  const file = named === undefined ? await found(process.cwd()) : resolve(named)
  if (file === undefined) return undefined
  const text = await readFile(file, 'utf8')
  const configuration = await naming(file, 'invalid_configuration', () => readConfiguration(text))
  return { file, configuration, state: resolve(dirname(file), configuration.state) }
}

/** The same for verbs that cannot do without. */
export async function requireConfiguration(named: string | undefined): Promise<Loaded> {
  const loaded = await loadConfiguration(named)
  if (loaded !== undefined) return loaded
  const message = `there is no ${NAME} in this folder or above it; go to one that has it, or name it by --config FILE`
  throw new RegistryError({ code: 'invalid_configuration', message })
}

/** State without a configuration lies in the current folder. */
export function stateFolder(loaded: Loaded | undefined): string {
  return loaded?.state ?? resolve('.portreeve')
}

async function found(folder: string): Promise<string | undefined> {
  const file = join(folder, NAME)
  if (await stat(file).catch(() => undefined)) return file
  const parent = dirname(folder)
  return parent === folder ? undefined : found(parent)
}

/** Runs `work`; what is wrong with the file's content is said with the file's name, its line, and each problem once. */
export async function naming<T>(file: string, code: Code, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== code) throw error
    const text = await readFile(file, 'utf8').catch(() => '')
    const details = isProblems(error.details) ? error.details.map((problem) => located(problem, file, text)) : error.details
    const several = Array.isArray(details) && details.length > 1
    const message = `${file}: ${several ? `${details.length} problems` : error.message}`
    throw new RegistryError({ code, message, details, cause: error })
  }
}

function located(problem: Problem, file: string, text: string): Problem & { file: string; excerpt?: string } {
  const { position } = problem
  return { ...problem, file, ...(position === undefined ? {} : { excerpt: excerpt(text, position) }) }
}
