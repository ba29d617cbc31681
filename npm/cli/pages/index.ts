import { documents, errorDocument } from '../documents.js'
import { commandLine } from '../program.js'
import { commandLinePage } from './command_line.js'
import { jsonPage, jsonSchema } from './json.js'

/** The pages of docs/ that are made from the command line's own definitions, by path. */
export function pages(): Record<string, string> {
  const program = commandLine(async () => {})
  return {
    'docs/command-line.md': commandLinePage(program),
    'docs/json.md': jsonPage(documents, errorDocument),
    'docs/json.schema.json': jsonSchema(documents, errorDocument),
  }
}
