// node download.mjs HOST REPOSITORY DIGEST [FILE]: a blob, verified, into a file or nowhere.

import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { connect } from 'portreeve'

const [host, repository, digest, file = '/dev/null'] = process.argv.slice(2)
const blob = await connect(host).repository(repository).blob(digest)
await pipeline(blob, createWriteStream(file))
