import type { Command } from 'commander'

/** Hands the verb's work to the command line, which keeps its exit code. */
export type Run = (work: () => Promise<number>) => Promise<void>

/** One verb of the command line: how it is written, and what it does. */
export interface Verb {
  add(program: Command, run: Run): void
}

/** What every verb accepts. */
export interface CommonOptions {
  config?: string
  json?: boolean
}

/** Adds what every verb accepts. */
export function common(command: Command): Command {
  return command
    .option('--config <file>', 'portreeve.json; by default looked for upwards from the current folder')
    .option('--json', 'print one JSON document for programs')
}

/** Examples below a verb's help; each works as printed beside `npm start`. */
export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ portreeve ${line}`).join('\n')}`)
}
