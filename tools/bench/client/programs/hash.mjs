// node hash.mjs HOST REPOSITORY DIGEST: the same bytes by fetch and node:crypto alone, which is as
// fast as Node can.

import { createHash } from 'node:crypto'

const [host, repository, digest] = process.argv.slice(2)
const hash = createHash('sha256')
const { body } = await fetch(`http://${host}/v2/${repository}/blobs/${digest}`)
for await (const chunk of body) hash.update(chunk)
if (`sha256:${hash.digest('hex')}` !== digest) throw new Error('other bytes')
