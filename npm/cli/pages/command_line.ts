import type { Argument, Command, Option } from 'commander'
import { documents } from '../documents.js'
import { EPILOGUE } from '../program.js'
import { examplesOf } from '../verb.js'

/** docs/command-line.md */
export function commandLinePage(program: Command): string {
  const help = program.createHelp()
  const groups = help.groupItems(program.commands.slice(), help.visibleCommands(program), (verb) => verb.helpGroup())
  const parts = [
    '# The command line',
    GENERATED,
    `\`\`\`\n${help.commandUsage(program)}\n\`\`\``,
    '## Options of every command',
    'They stand before the verb or after it.',
    options(help.visibleOptions(program)),
    '## Exit codes, references, credentials',
    `\`\`\`text${EPILOGUE.slice(0, EPILOGUE.indexOf('\nExamples:'))}${EPILOGUE.slice(EPILOGUE.indexOf('\nA reference'))}\n\`\`\``,
    ...[...groups].flatMap(([heading, verbs]) => [
      `## ${heading.replace(/:$/, '')}`,
      ...verbs.flatMap((verb) => described(verb, [verb.name()])),
    ]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const GENERATED = '<!-- Made by `npm run docs` from npm/cli; a test compares. -->'

function described(command: Command, path: string[]): string[] {
  const help = command.createHelp()
  const verbs = help.visibleCommands(command)
  if (verbs.length > 0) return verbs.flatMap((verb) => described(verb, [...path, verb.name()]))
  const name = path.join(' ')
  const shown = examplesOf(command).map((line) => `$ portreeve ${line}`)
  return [
    `### portreeve ${name}`,
    `${sentence(command.description())}`,
    `\`\`\`\nportreeve ${name} ${command.usage()}\n\`\`\``,
    table('Argument', command.registeredArguments.filter(({ description }) => description !== '').map(argument)),
    options(help.visibleOptions(command)),
    shown.length > 0 ? `\`\`\`console\n${shown.join('\n')}\n\`\`\`` : '',
    documentOf(name),
  ]
}

function documentOf(name: string): string {
  const schemas = Object.entries<{ properties: { format: { const: string } } }>(documents)
  const printed = schemas.filter(([command]) => command === name || command.startsWith(`${name} --`))
  const links = printed.map(([command, { properties }]) => {
    const option = command.slice(name.length + 1)
    return `[\`${properties.format.const}\`](json.md)${option === '' ? '' : ` with \`${option}\``}`
  })
  return links.length === 0 ? '' : `With \`--json\`: ${links.join(', ')}.`
}

function options(all: readonly Option[]): string {
  return table('Option', all.filter(({ long }) => long !== '--help').map(option))
}

function option({ flags, description, argChoices }: Option): [string, string] {
  const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`
  return [flags, `${description}${choices}`]
}

function argument(each: Argument): [string, string] {
  const { argChoices } = each
  const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`
  return [each.name(), `${each.description}${choices}`]
}

function table(title: string, rows: [string, string][]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(([name, text]) => `| \`${name}\` | ${text.replaceAll('|', '\\|')} |`)
  return [`| ${title} | |`, '|---|---|', ...lines].join('\n')
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
