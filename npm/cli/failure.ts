import pc from 'picocolors'
import { type Code, type Problem, RegistryError } from '../api/index.js'
import { json, note } from './output.js'

/** What the process ends with; documented in `portreeve --help`. */
export const exit = {
  ok: 0,
  failed: 1,
  badInput: 2,
  auth: 3,
  notFound: 4,
  changes: 5,
  partial: 6,
  cancelled: 130,
} as const

const BY_CODE: Partial<Record<Code, number>> = {
  invalid_reference: exit.badInput,
  invalid_configuration: exit.badInput,
  invalid_policy: exit.badInput,
  invalid_argument: exit.badInput,
  unauthorized: exit.auth,
  denied: exit.auth,
  not_found: exit.notFound,
  cancelled: exit.cancelled,
}

/** The exit code of an error's code. */
export function exitOf(code: string | undefined): number {
  return BY_CODE[code as Code] ?? exit.failed
}

/** A failure of the command line's own, such as a flag that makes no sense. */
export function invalid(message: string, details?: unknown): RegistryError {
  return new RegistryError({ code: 'invalid_argument', message, details })
}

/** Says what went wrong, once, and gives the exit code. */
export async function report(error: unknown, asJson: boolean): Promise<number> {
  const known = error instanceof RegistryError ? error : unexpected(error)
  if (asJson) {
    const { code, message, status, retryable, request, details } = known
    await json({ format: 'portreeve.error/1', error: { code, message, status, retryable, request, details } })
  }
  note(`${pc.red('error')} ${pc.dim(known.code)} ${known.message}`)
  for (const text of isProblems(known.details) ? places(known.details) : []) note(text)
  return exitOf(known.code)
}

/** A problem with its place, as configurations and policies have it. */
export function placed({ path, message, position }: Problem): string {
  const where = position === undefined ? '' : pc.dim(` (line ${position.line}, column ${position.column})`)
  return `${pc.bold(path)}: ${message}${where}`
}

type Place = Problem & { file?: string; excerpt?: string }

/** Each problem with its line; a single one is in the message already. */
function places(problems: Place[]): string[] {
  return problems.flatMap(({ path, message, position, file, excerpt }) => {
    const line = position === undefined || file === undefined ? '' : `${file}:${position.line}:${position.column} `
    const said = problems.length > 1 ? [`  ${line}${pc.bold(path)}: ${message}`] : []
    return [...said, ...(excerpt === undefined ? [] : [excerpt.replace(/^/gm, '      ')])]
  })
}

/** Whether the details of an error are what is wrong with a document. */
export function isProblems(details: unknown): details is Problem[] {
  const isProblem = (entry: unknown) => typeof entry === 'object' && entry !== null && 'path' in entry && 'message' in entry
  return Array.isArray(details) && details.length > 0 && details.every(isProblem)
}

function unexpected(error: unknown): RegistryError {
  if (error instanceof Error && error.name === 'AbortError') {
    return new RegistryError({ code: 'cancelled', message: 'cancelled', cause: error })
  }
  const system = error as NodeJS.ErrnoException
  if (typeof system?.syscall === 'string' && typeof system.path === 'string') {
    const message = `${system.path}: ${system.code === 'ENOENT' ? 'there is no such file' : system.message}`
    return new RegistryError({ code: 'invalid_argument', message, cause: error })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new RegistryError({ code: 'internal', message: `${message} (please report this)`, cause: error })
}
