import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { invalid } from '../failure.js'

const YAML = ['.yaml', '.yml']

/** A text that {@link report.reduce} reads, and where it is from. */
export interface Source {
  name: string
  text: string
}

/** A file's content: YAML as the JSON that it means, anything else as it is. */
export async function fileSource(file: string): Promise<Source> {
  const text = await readFile(file, 'utf8')
  return { name: file, text: isYaml(file) ? fromYaml(file, text) : text }
}

/** What a command prints: lists and JSON as they are, and YAML, as `helm template` prints it. */
export function pipedSource(text: string): Source {
  const name = 'standard input'
  return { name, text: /^(---|apiVersion:|kind:)/m.test(text) && !/^\s*[[{]/.test(text) ? fromYaml(name, text) : text }
}

/**
 * Every manifest in a folder and below it, in an order that is the same everywhere. Hidden folders
 * and `node_modules` are none of it.
 *
 * Among other files, what is no object of Kubernetes is passed over; what cannot be read at all
 * is not, because images that are in use may be named in it.
 */
export async function folderSources(folder: string, unreadable: (problem: unknown) => void): Promise<Source[]> {
  const sources: Source[] = []
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((one, two) => (one.name < two.name ? -1 : 1))
  for (const entry of entries) {
    const name = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      sources.push(...(await folderSources(name, unreadable)))
    } else if (entry.isFile() && (isYaml(name) || extname(name) === '.json')) {
      try {
        sources.push({ name, text: listOf(name, await readFile(name, 'utf8')) })
      } catch (error) {
        unreadable(error)
      }
    }
  }
  return sources
}

function listOf(name: string, text: string): string {
  const items = isYaml(name) ? yamlDocuments(name, text) : [fromJson(name, text)]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: items.flat().filter((item) => !isOurs(item)) })
}

/** A plan or another document of ours, as may lie there: it uses nothing. */
function isOurs(item: unknown): boolean {
  const { format } = ((typeof item === 'object' ? item : null) ?? {}) as { format?: unknown }
  return typeof format === 'string' && /^portreeve\.(?!report\/)/.test(format)
}

function isYaml(file: string): boolean {
  return YAML.includes(extname(basename(file)))
}

function fromJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`${name}: ${(error as Error).message}`)
  }
}

function fromYaml(name: string, text: string): string {
  const documents = yamlDocuments(name, text)
  return JSON.stringify(documents.length === 1 ? documents[0] : documents)
}

/** The documents of a stream. Every scalar is a text, because the tag `1.10` is no number. */
function yamlDocuments(name: string, text: string): unknown[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'error' })
  if ('empty' in documents) return []
  return documents
    .map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw invalid(`${name}: ${error.message}`)
      return document.toJS({ maxAliasCount: 100 }) as unknown
    })
    .filter((document) => document !== null && document !== '')
}
