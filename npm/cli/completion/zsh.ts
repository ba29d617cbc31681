import type { Flag, Node, Value } from './model.js'

/** For zsh: to be sourced, or put into a folder of `$fpath` as `_portreeve`. */
export function zsh(program: string, nodes: Node[]): string {
  return `#compdef ${program}
# zsh completion for ${program}
#   source <(${program} completion zsh)

${nodes.map((node) => completer(program, node)).join('\n')}
# sourced, or loaded from $fpath
if [ "\${funcstack[1]}" = "_${program}" ]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`
}

function completer(program: string, node: Node): string {
  const name = named(program, node.path)
  const flags = node.flags.flatMap(specification)
  if (node.verbs.length === 0) {
    const places = node.arguments.map(
      ({ name, value, variadic }, index) => `'${variadic ? '*' : index + 1}:${escaped(name)}:${action(value)}'`,
    )
    return `${name}() {\n  _arguments -s ${[...flags, ...places].join(' \\\n    ')}\n}\n`
  }
  const verbs = node.verbs.map(({ name, description }) => `    '${name}:${escaped(description)}'`)
  const cases = node.verbs.map((verb) => `        ${verb.name}) ${named(program, [...node.path, verb.name])} ;;`)
  return `${name}() {
  local context state state_descr line
  typeset -A opt_args
  local -a verbs=(
${verbs.join('\n')}
  )
  _arguments -C -s ${[...flags, `'1:verb:->verb'`, `'*::rest:->rest'`].join(' \\\n    ')}
  case "$state" in
    verb) _describe 'verb' verbs ;;
    rest)
      case "$line[1]" in
${cases.join('\n')}
      esac
      ;;
  esac
}
`
}

function named(program: string, path: string[]): string {
  return `_${[program, ...path].join('_')}`
}

function specification({ names, description, value }: Flag): string[] {
  return names.map((name) => `'${name}[${escaped(description)}]${value.kind === 'none' ? '' : `:value:${action(value)}`}'`)
}

function action(value: Value): string {
  if (value.kind === 'file') return '_files'
  if (value.kind === 'words') return `(${value.words.join(' ')})`
  if (value.kind === 'list') return `_values -s , value ${value.words.join(' ')}`
  return ' '
}

/** Inside single quotes, in a specification of `_arguments`. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", `'\\''`)
}
