import { Argument, type Command } from 'commander'
import { bash } from '../completion/bash.js'
import { fish } from '../completion/fish.js'
import { nodes } from '../completion/model.js'
import { zsh } from '../completion/zsh.js'
import { exit } from '../failure.js'
import { json, print } from '../output.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

const SHELLS = { bash, zsh, fish }

type Shell = keyof typeof SHELLS

/** `portreeve completion SHELL` */
export const completionVerb: Verb = {
  add(program, run) {
    const command = program
      .command('completion')
      .description('print a script that completes verbs, flags and their values in your shell')
      .addArgument(new Argument('<shell>', 'source what it prints, in the start-up file of this shell').choices(Object.keys(SHELLS)))
    does(command, run, (shell: Shell, options: CommonOptions) => show(program, shell, options))
    examples(command, 'completion bash > ~/.portreeve-completion.bash')
  },
}

async function show(program: Command, shell: Shell, options: CommonOptions): Promise<number> {
  const script = SHELLS[shell](program.name(), nodes(program))
  if (options.json) await json({ format: 'portreeve.completion/1', shell, script })
  else await print(script)
  return exit.ok
}
