import { InvalidArgumentError } from 'commander'
import { createWriteStream, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { BlobStream, ByteRange } from '../../api/index.js'
import { exit, invalid } from '../failure.js'
import { bytes } from '../format.js'
import { json, note, print } from '../output.js'
import { Progress } from '../progress.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface BlobOptions extends CommonOptions {
  output?: string
  range?: ByteRange
}

/** `portreeve blob REPOSITORY@DIGEST` */
export const blobVerb: Verb = {
  add(program, run) {
    const command = program
      .command('blob')
      .description('read a layer or a configuration, verified against its digest')
      .argument('<reference>', 'HOST/REPOSITORY@DIGEST')
      .option('--output <file>', 'write it there, and only once it is whole and verified')
      .option('--range <range>', 'only these bytes, such as 0-1023 or 1024-; what is not whole cannot be verified', range)
    does(command, run, read)
    examples(
      command,
      // the first digest in a manifest is its configuration's
      `blob "127.0.0.1:5555/shop/api@$(portreeve manifest 127.0.0.1:5555/shop/api:latest | grep -o 'sha256:[0-9a-f]*' | head -n 1)"`,
    )
  },
}

async function read(text: string, options: BlobOptions): Promise<number> {
  const { repository, reference } = await target(text, options)
  const { digest } = reference
  if (digest === undefined) throw invalid(`${text} names no blob: write HOST/REPOSITORY@DIGEST`)
  const { output, range: part } = options
  if (output === undefined && options.json === true) throw invalid('blob --json tells what was written: add --output FILE')
  if (output === undefined && process.stdout.isTTY) {
    throw invalid('a blob would garble the terminal: write it to a file by --output FILE, or pipe it')
  }
  const source = await repository.blob(digest, part === undefined ? {} : { range: part })
  const counted = counting(source, `reading ${digest.slice(0, 19)}`)
  if (output === undefined) {
    for await (const chunk of counted) await print(chunk)
    return exit.ok
  }
  const written = await toFile(counted, output)
  const { host, name } = repository
  const verified = part === undefined
  if (options.json) {
    const place = { host, repository: name, digest, size: written, file: output, verified }
    await json({ format: 'portreeve.blob/1', ...place })
  } else {
    note(`${output}: ${bytes(written)}${verified ? ', verified' : ', a part, which cannot be verified'}`)
  }
  return exit.ok
}

async function* counting(source: BlobStream, what: string): AsyncGenerator<Uint8Array> {
  const progress = new Progress(what, 'bytes')
  const { part, size } = source
  const known = part === undefined ? size : part.to - part.from
  let done = 0
  try {
    for await (const chunk of source) {
      yield chunk
      progress.update('', (done += chunk.length), known)
    }
  } finally {
    progress.end()
  }
}

/** Writes beside the file and renames: what stands there is whole, also after an interrupt. */
async function toFile(chunks: AsyncIterable<Uint8Array>, file: string): Promise<number> {
  const half = `${file}.${process.pid}.half`
  const forget = () => rmSync(half, { force: true })
  process.once('exit', forget)
  const written = createWriteStream(half)
  try {
    await pipeline(chunks, written)
    await rename(half, file)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  } finally {
    process.removeListener('exit', forget)
  }
  return written.bytesWritten
}

/** As HTTP writes it: the last byte belongs to it. */
function range(text: string): ByteRange {
  const [, from, to] = /^(\d+)-(\d*)$/.exec(text) ?? []
  if (from === undefined || (to !== '' && Number(to) < Number(from))) {
    throw new InvalidArgumentError('Expected the first and the last byte, such as 0-1023, or 1024- for the rest.')
  }
  return { from: Number(from), ...(to === '' ? {} : { to: Number(to) + 1 }) }
}
