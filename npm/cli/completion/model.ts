import { type Argument, type Command, type Option } from 'commander'
import { ListOption } from '../list_option.js'

/** What may follow a flag or stand in an argument's place. */
export type Value =
  | { kind: 'none' }
  | { kind: 'any' }
  | { kind: 'file' }
  | { kind: 'words'; words: readonly string[] }
  | { kind: 'list'; words: readonly string[] }

export interface Flag {
  /** `--config`, and `-c` where there is a short one. */
  names: string[]
  description: string
  value: Value
}

/** A verb, or the program itself, as shells complete it. */
export interface Node {
  /** From the program down, such as `['config', 'check']`. */
  path: string[]
  description: string
  verbs: { name: string; description: string }[]
  flags: Flag[]
  arguments: { name: string; value: Value; variadic: boolean }[]
}

/** Everything that can be completed, the program first. */
export function nodes(program: Command): Node[] {
  return [...below(program, [])]
}

function* below(command: Command, path: string[]): Generator<Node> {
  const help = command.createHelp()
  const verbs = help.visibleCommands(command)
  const flags = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].map(flag)
  yield {
    path,
    description: command.description(),
    verbs: verbs.map((verb) => ({ name: verb.name(), description: verb.description() })),
    flags: [...new Map(flags.map((each) => [each.names.join(), each])).values()],
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: ofArgument(argument),
      variadic: argument.variadic,
    })),
  }
  for (const verb of verbs) yield* below(verb, [...path, verb.name()])
}

function flag(option: Option): Flag {
  const names = [option.long, option.short].filter((name) => name !== undefined)
  return { names, description: option.description, value: ofOption(option) }
}

// the names of values that are files
const FILES = ['file', 'plan']

function ofOption(option: Option): Value {
  if (!option.required && !option.optional) return { kind: 'none' }
  if (option instanceof ListOption) return { kind: 'list', words: option.words }
  if (option.argChoices !== undefined) return { kind: 'words', words: option.argChoices }
  const named = /<([^>]+)>|\[([^\]]+)\]/.exec(option.flags)?.[1] ?? ''
  return { kind: FILES.includes(named) ? 'file' : 'any' }
}

function ofArgument(argument: Argument): Value {
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices }
  return { kind: FILES.includes(argument.name()) ? 'file' : 'any' }
}
