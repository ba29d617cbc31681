import type { Flag, Node } from './model.js'

/** For bash 3.2 (macOS) and newer; needs no other package. */
export function bash(program: string, nodes: Node[]): string {
  const taking = new Set(nodes.flatMap(({ flags }) => flags.filter(({ value }) => value.kind !== 'none')).flatMap(names))
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => `"${key(path)}"`)
  return `# bash completion for ${program}
#   source <(${program} completion bash)

_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" at=1 words="" flags=""
  # bash splits --flag=value at the equals sign
  if [[ "$word" == "=" ]]; then
    word=""
  elif [[ "$before" == "=" ]]; then
    before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  while (( at < COMP_CWORD )); do
    case "\${COMP_WORDS[at]}" in
      ${[...taking].join('|')}) (( at++ )) ;;
      -*) ;;
      *)
        case "$path \${COMP_WORDS[at]}" in
          ${paths.join('|')}) path="$path \${COMP_WORDS[at]}" ;;
        esac
        ;;
    esac
    (( at++ ))
  done
  case "$path $before" in
${nodes.flatMap((node) => node.flags.map((flag) => valueCase(program, node, flag))).join('')}  esac
  case "$path" in
${nodes.map((node) => pathCase(node)).join('')}  esac
  if [[ "$word" == -* ]]; then
    _${program}_words "$flags"
  elif [[ "$words" == "FILES" ]]; then
    _${program}_files
  else
    _${program}_words "$words"
  fi
}

_${program}_words() {
  COMPREPLY=( $(compgen -W "$1" -- "$word") )
}

# several words with commas between them: what is typed already stays
_${program}_list() {
  local typed="\${word%"\${word##*,}"}"
  COMPREPLY=( $(compgen -P "$typed" -W "$1" -- "\${word##*,}") )
  compopt -o nospace 2> /dev/null # bash 3.2 has none
}

_${program}_files() {
  local IFS=$'\\n'
  COMPREPLY=( $(compgen -f -- "$word") )
  compopt -o filenames 2> /dev/null
}

complete -F _${program} ${program}
`
}

function key(path: string[]): string {
  return path.map((verb) => ` ${verb}`).join('')
}

function names({ names }: Flag): string[] {
  return names
}

function valueCase(program: string, { path }: Node, { names, value }: Flag): string {
  if (value.kind === 'none') return ''
  const pattern = names.map((name) => `"${key(path)} ${name}"`).join('|')
  const words = value.kind === 'words' || value.kind === 'list' ? ` "${value.words.join(' ')}"` : ''
  const action = { any: 'COMPREPLY=()', file: `_${program}_files`, words: `_${program}_words`, list: `_${program}_list` }
  return `    ${pattern}) ${action[value.kind]}${words}; return ;;\n`
}

function pathCase({ path, verbs, flags, arguments: [argument] }: Node): string {
  const value = argument?.value
  const words =
    value?.kind === 'file' ? 'FILES' : value?.kind === 'words' ? value.words.join(' ') : verbs.map(({ name }) => name).join(' ')
  return `    "${key(path)}") words="${words}" flags="${flags.flatMap(names).join(' ')}" ;;\n`
}
