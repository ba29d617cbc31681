// node dates.mjs HOST REPOSITORY: every tag with the date on which its image was built.

import { connect } from 'portreeve'

const [host, repository] = process.argv.slice(2)
const tags = connect(host).repository(repository).tags({ with: ['created'] })
const lines = []
for await (const { name, created } of tags) lines.push(`${name} ${created}\n`)
process.stdout.write(lines.join(''))
const { complete, reason } = await tags.done()
if (!complete) throw new Error(reason)
