import type { TSchema } from 'typebox'

/** A document's schema, as JSON Schema has it. */
interface Schema {
  title?: string
  description?: string
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: string[]
  const?: string
  anyOf?: Schema[]
  patternProperties?: Record<string, Schema>
}

type Documents = Record<string, TSchema>

/** docs/json.md */
export function jsonPage(documents: Documents, error: TSchema): string {
  const sections = Object.entries(documents).map(([command, schema]) => section(`portreeve ${command}`, plain(schema)))
  return `${[INTRODUCTION, ...sections, section('Errors', plain(error)), ERRORS].join('\n\n')}\n`
}

/** docs/json.schema.json: whatever a command prints satisfies it. */
export function jsonSchema(documents: Documents, error: TSchema): string {
  const all = [...Object.values(documents), error].map(plain)
  const definitions = Object.fromEntries(all.map((schema) => [schema.title, schema]))
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What portreeve prints with --json',
    oneOf: all.map(({ title }) => ({ $ref: `#/$defs/${title?.replaceAll('/', '~1')}` })),
    $defs: definitions,
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

const INTRODUCTION = `# The documents of \`--json\`

<!-- Made by \`npm run docs\` from npm/cli; a test runs every command and checks what it prints. -->

Every command prints exactly one JSON document to standard output with \`--json\`; whatever else it has to say goes to standard error. \`format\` names the document and its version. Within a version, fields may be added and are never taken away or given another meaning: ignore what you do not know. [json.schema.json](json.schema.json) describes all of them for a validator.

A field marked *maybe* is left out where it is not known. Sizes are bytes, times RFC 3339 in UTC. No document holds a secret, except those whose purpose it is: \`token create\`, and \`token get --raw\`.`

const ERRORS = `A command that fails prints this in the place of its document, says the same in words on standard error, and ends with the exit code of the error's code:

| code | exit | meaning |
|---|---|---|
| \`invalid_reference\` \`invalid_configuration\` \`invalid_policy\` \`invalid_argument\` | 2 | what was typed or written is wrong |
| \`unauthorized\` \`denied\` | 3 | no credential, a wrong one, or one that may not |
| \`not_found\` | 4 | there is no such tag, digest or repository |
| \`cancelled\` | 130 | interrupted, or answered no |
| \`conflict\` \`locked\` \`expired\` \`too_large\` | 1 | it does not fit what is there |
| \`unsupported\` \`refused\` \`clock_skew\` \`incomplete_listing\` | 1 | it would not be safe, or the registry cannot |
| \`throttled\` \`timeout\` \`unreachable\` \`upstream_error\` | 1 | the registry did not answer as it should; \`retryable\` says whether to try again |
| \`digest_mismatch\` \`truncated\` | 1 | what came is not what was asked for |
| \`storage_failed\` \`internal\` | 1 | a disk, or a bug |`

function section(title: string, schema: Schema): string {
  const name = schema.title ?? ''
  const rows = [...fields(schema, '')].map(([path, kind, text]) => `| \`${path}\` | ${kind} | ${text} |`)
  return [`## ${title}`, `\`${name}\`: ${schema.description}`, ['| field | type | |', '|---|---|---|', ...rows].join('\n')].join(
    '\n\n',
  )
}

function* fields(schema: Schema, path: string): Generator<[string, string, string]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = path === '' ? name : `${path}.${name}`
    const isMaybe = !(schema.required ?? []).includes(name)
    const description = (field.description ?? field.items?.description ?? '').replaceAll('|', '\\|')
    yield [here, kind(field), `${isMaybe ? '*maybe* ' : ''}${description}`]
    yield* fields(field, here)
    if (field.items !== undefined) yield* fields(field.items, `${here}[]`)
    for (const variant of field.anyOf ?? []) yield* fields(variant, here)
  }
}

function kind(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(' ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(kind).join(' or ')
  if (schema.items !== undefined) return `array of ${kind(schema.items)}`
  return schema.type ?? 'any'
}

/** Without what the library adds for its own use. */
function plain(schema: TSchema): Schema {
  return JSON.parse(JSON.stringify(schema)) as Schema
}
