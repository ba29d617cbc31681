import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { type Inventory, type Plan, RegistryError } from '../../api/index.js'
import { print } from '../output.js'

/** Writes a plan or an inventory to a file piece by piece, or leaves the file that was there. */
export function writeDocument(document: Plan | Inventory, file: string): void {
  const half = `${file}.${process.pid}.half`
  try {
    const descriptor = openSync(half, 'w')
    try {
      document.write((piece) => writeWhole(descriptor, Buffer.from(piece)))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(half, file)
  } catch (cause) {
    rmSync(half, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RegistryError({ code: 'storage_failed', message: `cannot write ${file}: ${why}; name another file by --out`, cause })
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
}

/** Prints a plan's document; what is not taken at once waits in memory. */
export async function printPlan(plan: Plan): Promise<void> {
  plan.write((piece) => void process.stdout.write(piece))
  await print('')
}
