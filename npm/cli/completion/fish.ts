import type { Flag, Node, Value } from './model.js'

/** For fish: to be sourced, or kept as `~/.config/fish/completions/portreeve.fish`. */
export function fish(program: string, nodes: Node[]): string {
  const lines = nodes.flatMap((node) => {
    const here = condition(node)
    return [
      ...node.verbs.map((verb) => `complete -c ${program} -n ${here} -f -a ${verb.name} -d ${quoted(verb.description)}`),
      ...node.flags.map((flag) => `complete -c ${program} -n ${here} ${flagged(flag)}`),
      ...node.arguments.map(({ value }) => `complete -c ${program} -n ${here} ${offered(value)}`),
    ]
  })
  return `# fish completion for ${program}
#   ${program} completion fish | source

${lines.join('\n')}
`
}

/** Whether the cursor is behind this verb, and before any below it. */
function condition({ path, verbs }: Node): string {
  const seen = path.map((verb) => `__fish_seen_subcommand_from ${verb}`)
  const below = verbs.length > 0 ? [`not __fish_seen_subcommand_from ${verbs.map(({ name }) => name).join(' ')}`] : []
  return quoted([...seen, ...below].join('; and '))
}

function flagged({ names, description, value }: Flag): string {
  const written = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const taken = value.kind === 'none' ? ['-f'] : value.kind === 'file' ? ['-r', '-F'] : ['-x', ...words(value)]
  return [...written, ...taken, '-d', quoted(description)].join(' ')
}

function offered(value: Value): string {
  return value.kind === 'file' ? '-F' : ['-f', ...words(value)].join(' ')
}

function words(value: Value): string[] {
  if (value.kind === 'words') return ['-a', quoted(value.words.join(' '))]
  if (value.kind === 'list') return ['-a', quoted(`(__fish_append , ${value.words.join(' ')})`)]
  return []
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`)}'`
}
