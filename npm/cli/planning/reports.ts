import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { report, type Report } from '../../api/index.js'
import { stateFolder } from '../configuration.js'
import { invalid } from '../failure.js'
import { inputName, inputText } from '../input.js'
import type { Scope } from './scope.js'

/** The reports that a plan is given: those of `--report NAME=FILE`, else those that lie in the state folder. */
export async function givenReports(named: string[] | undefined, scope: Pick<Scope, 'loaded' | 'policy' | 'job'>): Promise<Record<string, Report>> {
  const kinds = scope.loaded?.configuration.describe().reports ?? []
  const files = new Map((named ?? []).map(split))
  const given: Record<string, Report> = {}
  for (const [name, file] of files) {
    const kind = scope.job === undefined ? kindFor(name, scope.policy) : kinds.find((rule) => rule.name === name)?.kind
    if (kind === undefined) throw invalid(`--report ${name}=${file}: ${unknown(name, kinds.map((rule) => rule.name))}`)
    given[name] = await reportOf(name, file, kind)
  }
  if (scope.job === undefined) return given
  for (const { name, kind } of kinds.filter(({ name }) => !files.has(name))) {
    const file = join(stateFolder(scope.loaded), 'reports', `${name}.json`)
    if (await exists(file)) given[name] = await reportOf(name, file, kind)
  }
  return given
}

function split(text: string): [name: string, file: string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw invalid(`--report ${text}: expected NAME=FILE, such as --report k8s=pods.json, or NAME=- for standard input`)
}

function unknown(name: string, known: string[]): string {
  if (known.length === 0) return `portreeve.json has no \`reports\`: add "${name}" there`
  return `no report is called ${name}; \`reports\` of portreeve.json has ${known.join(', ')}`
}

/** A policy by itself says by its `where` which report is one of texts; any other is one of images. */
function kindFor(name: string, policy: object): Report['kind'] {
  const text = JSON.stringify(policy)
  return new RegExp(`"in"\\s*:\\s*${escaped(JSON.stringify(name))}`).test(text) ? 'strings' : 'images'
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

async function reportOf(name: string, file: string, kind: Report['kind']): Promise<Report> {
  const text = await inputText(file)
  // what was reduced already says itself when it was taken; of anything else its file does
  const takenAt = file === '-' ? new Date() : (await stat(file)).mtime
  try {
    return isReduced(text) ? await report.read(text) : await report.reduce(text, { kind, takenAt })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw invalid(`the report ${name} of ${inputName(file)}: ${error.message}`)
  }
}

function isReduced(text: string): boolean {
  return /^\s*\{/.test(text) && text.slice(0, 4096).includes('"portreeve.report/1"')
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
