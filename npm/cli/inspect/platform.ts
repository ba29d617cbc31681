import pc from 'picocolors'
import type { PlatformImage } from '../../api/index.js'
import { bytes, platformName, short } from '../format.js'
import { table } from '../table.js'

/** One platform from inside: how it starts, and what its layers are. */
export function platformPart(image: PlatformImage, hint: string): string {
  const title = pc.bold(platformName(image.platform))
  const parts = [hint === '' ? title : `${title}  ${pc.dim(hint)}`, settings(image), layers(image)]
  return parts.filter((part) => part !== '').join('\n\n')
}

function settings({ config: { config = {} } }: PlatformImage): string {
  const rows: [string, string | undefined][] = [
    ['Entrypoint', command(config.Entrypoint)],
    ['Command', command(config.Cmd)],
    ['User', config.User === undefined || config.User === '' ? 'root (none is set)' : config.User],
    ['Folder', config.WorkingDir === '' ? undefined : config.WorkingDir],
    ['Ports', Object.keys(config.ExposedPorts ?? {}).join(' ')],
    ['Volumes', Object.keys(config.Volumes ?? {}).join(' ')],
    ['Variables', (config.Env ?? []).map(name).join(' ')],
    ['Stops by', config.StopSignal],
  ]
  const shown = rows.flatMap(([title, value]) => (value === undefined || value === '' ? [] : [[pc.dim(title), value]]))
  return table([{ title: '' }, { title: '', flexible: true, lines: 4 }], shown)
}

/** As one would type it. */
function command(words: string[] | null | undefined): string {
  return (words ?? []).map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
}

/** Values may be secrets that somebody baked in: they are in --json, not on the page. */
function name(variable: string): string {
  return variable.split('=', 1)[0] ?? ''
}

function layers({ layers }: PlatformImage): string {
  if (layers.length === 0) return ''
  const rows = layers.map((layer, index) => [
    String(index + 1),
    short(layer.digest),
    bytes(layer.size),
    layer.instruction?.replace(/\s+/g, ' ') ?? pc.dim(layer.mediaType),
  ])
  const head = [
    { title: '', right: true },
    { title: 'LAYER' },
    { title: 'SIZE', right: true },
    { title: 'MADE BY', flexible: true, lines: 3 },
  ]
  return table(head, rows)
}
