import { type Command, InvalidArgumentError } from 'commander'

/** Hands the verb's work to the command line, which keeps its exit code. */
export type Run = (work: () => Promise<number>) => Promise<void>

/** One verb of the command line: how it is written, and what it does. */
export interface Verb {
  add(program: Command, run: Run): void
}

/** What every verb accepts, before its name or after it. */
export interface CommonOptions {
  config?: string
  json?: boolean
  plainHttp?: boolean
  insecure?: boolean
  ca?: string
  via?: string
  debug?: boolean
}

/** Adds what every verb accepts. */
export function common(program: Command): Command {
  return program
    .option('--config <file>', 'portreeve.json; by default looked for upwards from the current folder')
    .option('--json', 'print one JSON document for programs')
    .option('--plain-http', 'speak http; without it only hosts of this machine are spoken to so')
    .option('--insecure', 'take any TLS certificate: whoever sits in between then reads everything')
    .option('--ca <file>', 'trust the certificate authorities in this file, too (PEM)')
    .option('--via <url>', 'go through a portreeve Worker, such as https://cr.acme.dev')
    .option('--debug', 'tell of each request on standard error, without secrets')
}

/** Gives the verb its work: the arguments as they were typed, then every option, the common ones too. */
export function does<Input extends unknown[]>(
  command: Command,
  run: Run,
  work: (...input: Input) => Promise<number>,
): Command {
  return command.action((...given: unknown[]) => {
    // commander hands over the verb's own options and the command last
    const values = [...given.slice(0, -2), command.optsWithGlobals()]
    return run(() => work(...(values as Input)))
  })
}

/** Examples below a verb's help; each works as printed beside `npm start`. */
export function examples(command: Command, ...lines: string[]): Command {
  EXAMPLES.set(command, lines)
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ portreeve ${line}`).join('\n')}`)
}

const EXAMPLES = new WeakMap<Command, string[]>()

/** The examples of a verb, without the program's name. */
export function examplesOf(command: Command): string[] {
  return EXAMPLES.get(command) ?? []
}

/** Reads the value of a flag that counts. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new InvalidArgumentError('Expected a whole number above 0.')
}

/** Reads an option that may be given several times. */
export function several(text: string, before: string[] = []): string[] {
  return [...before, text]
}
