// A reporter for node:test whose lines a program reads: one JSON object for each test.

/** Marks a line of ours among those that tests print. */
export const MARK = '\u0001'

export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message
    // a suite only holds tests, which are told one by one
    if ((type === 'test:pass' || type === 'test:fail') && data.details?.type !== 'suite') {
      yield `\n${MARK}${JSON.stringify(outcome(type, data))}\n`
    }
  }
}

function outcome(type, { name, file, nesting, skip, todo, details }) {
  const isWholeFile = nesting === 0 && (name === file || file?.endsWith(name))
  const { error } = details ?? {}
  return {
    name,
    file,
    isWholeFile,
    outcome: skip !== undefined || todo !== undefined ? 'skip' : type === 'test:pass' ? 'pass' : 'fail',
    reason: typeof (skip ?? todo) === 'string' ? (skip ?? todo) : undefined,
    problem: type === 'test:fail' ? (error?.cause?.stack ?? error?.cause ?? error?.stack ?? String(error)) : undefined,
    milliseconds: Math.round(details?.duration_ms ?? 0),
  }
}
