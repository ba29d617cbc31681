import pc from 'picocolors'
import type { Capabilities, Finding } from '../../api/index.js'
import { exit } from '../failure.js'
import { json, line } from '../output.js'
import { table } from '../table.js'
import { registry, target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

/** `portreeve capabilities HOST` */
export const capabilitiesVerb: Verb = {
  add(program, run) {
    const command = program
      .command('capabilities')
      .description('say what a registry can do, and how that is known; nothing is written to find out')
      .argument('<registry>', 'a host or @UPSTREAM; with a repository behind it more can be asked')
    does(command, run, show)
    examples(command, 'capabilities 127.0.0.1:5555', 'capabilities 127.0.0.1:5555/shop/web --json')
  },
}

async function show(text: string, options: CommonOptions): Promise<number> {
  const found = text.includes('/') ? await ofRepository(text, options) : await (await registry(text, options)).capabilities()
  if (options.json) await json({ format: 'portreeve.capabilities/1', ...found })
  else await line(text.includes('/') ? page(found) : `${page(found)}\n\n${pc.dim('With a repository behind the host more can be asked.')}`)
  return exit.ok
}

async function ofRepository(text: string, options: CommonOptions): Promise<Capabilities> {
  const { registry, repository } = await target(text, options)
  return registry.capabilities({ repository: repository.name })
}

function recognised({ registry, recognisedBy }: Capabilities): string {
  if (recognisedBy === 'nothing') return 'not recognised, taken for a plain registry'
  return `${registry.name}, known by ${recognisedBy === 'host' ? 'its host' : 'what it answers'}`
}

function page(found: Capabilities): string {
  const { host, registry, authentication, pageSize, limits } = found
  const facts: [string, Finding][] = [
    ['lists repositories', found.catalog],
    ['lists tags in pages', found.pagedList],
    ['lists every tag', found.wholeList],
    ['dates in the list of tags', found.datesInList],
    ['lists untagged manifests', found.listsUntagged],
    ['tells missing from forbidden', found.tellsMissing],
    ['names digests', found.namesDigests],
    ['takes sha512', found.sha512],
    ['referrers API', found.referrers],
    ['deletes by digest', found.deleteByDigest],
    ['takes single tags away', found.untag],
    ['immutable tags', found.immutableTags],
  ]
  const rows = [
    ['authentication', authentication.is, known(authentication.known)],
    ...facts.map(([what, { is, known: how }]) => [what, coloured(is), known(how)]),
  ]
  const parts = [
    `${pc.bold(host)}\n${recognised(found)}`,
    table([{ title: 'WHAT' }, { title: '' }, { title: 'KNOWN' }], rows),
    table(
      [{ title: '' }, { title: '', flexible: true }],
      [
        [pc.dim('Page size'), String(pageSize)],
        ...(limits === '' ? [] : [[pc.dim('Limits'), limits]]),
        ...(registry.source === '' ? [] : [[pc.dim('Source'), registry.source]]),
      ],
    ),
  ]
  return parts.join('\n\n')
}

function coloured(is: Finding['is']): string {
  const colours = { yes: pc.green, no: pc.red, depends: pc.yellow, unknown: pc.dim }
  return colours[is](is)
}

function known(how: Finding['known']): string {
  const words = {
    probed: 'asked just now',
    confirmed: 'seen at such a registry',
    documented: "the vendor's documentation",
    unknown: '',
  }
  return pc.dim(words[how])
}
