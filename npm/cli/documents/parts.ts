import { type TProperties, type TSchema, Type } from 'typebox'

/** A field that is not always there. */
export const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema)

export const text = (description: string) => Type.String({ description })
export const count = (description: string) => Type.Integer({ description, minimum: 0 })
/** A field that is always there, and may be null. */
export const nothing = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description })
export const yes = (description: string) => Type.Boolean({ description })
export const time = (description: string) => Type.String({ description: `${description}; RFC 3339, UTC` })
export const oneOf = <const Values extends string[]>(values: Values, description: string) =>
  Type.Enum(values, { description })

export const digest = Type.String({
  description: 'algorithm and hexadecimal digits, such as `sha256:9f86d0...`',
  pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$',
})
export const digests = (description: string) => Type.Array(digest, { description })
export const texts = (description: string) => Type.Array(Type.String(), { description })
export const anything = (description: string) =>
  Type.Unsafe<object>(Type.Record(Type.String(), Type.Unknown(), { description }))
export const words = (description: string) => Type.Record(Type.String(), Type.String(), { description })

export const platform = Type.Object(
  {
    os: text('such as `linux`'),
    architecture: text('such as `amd64`, in the words of Go'),
    variant: maybe(text('such as `v7`')),
    'os.version': maybe(text("Windows' build number")),
    'os.features': maybe(texts('such as `win32k`')),
    features: maybe(texts('reserved')),
  },
  { description: 'where an image runs' },
)

const descriptorFields = {
  mediaType: text('what the content is'),
  digest,
  size: count('in bytes'),
  artifactType: maybe(text('the kind of artifact that a manifest is')),
  platform: maybe(platform),
  annotations: maybe(words('by key')),
  urls: maybe(texts('where else the content is')),
  data: maybe(text('the content itself, in base64')),
}

/** The fields of a descriptor, with more beside them. */
export const descriptorWith = <More extends TProperties>(more: More, description: string) =>
  Type.Object({ ...descriptorFields, ...more }, { description })

export const descriptor = descriptorWith({}, 'a pointer to content')

/** Where a repository is. */
export const place = {
  host: text("the registry's host"),
  repository: text('the path on that host'),
}

/** How far a listing is to be trusted. */
export const completion = {
  complete: yes('only where it was proven that nothing is missing'),
  reason: maybe(text('why it is not complete')),
  cause: maybe(oneOf(['unread', 'limited', 'throttled', 'failed', 'unproven'], 'the same for programs')),
  requestsUsed: count('HTTP requests sent, with authentication and repetitions'),
}

/** What an error looks like inside a document. */
export const problem = Type.Object(
  { code: text('stable; see Errors'), message: text('for people; may change') },
  { description: 'what went wrong' },
)

/** One document: its name with its version, its fields. */
export function document<const Format extends string, Fields extends TProperties>(
  format: Format,
  description: string,
  fields: Fields,
) {
  return Type.Object(
    { format: Type.Literal(format, { description: 'the name and version of this document' }), ...fields },
    { title: format, description },
  )
}

/** One thing about a document that a person wrote. */
export const documentProblem = Type.Object({
  path: text('the place, such as `$.jobs.shop.policy`'),
  message: text('what is the matter'),
  code: text('the same, stable'),
  position: maybe(Type.Object({ line: count('from 1'), column: count('from 1, in characters') })),
})
