import { exit } from './failure.js'
import { main } from './main.js'

// a reader that closed the pipe (`| head`) has what it wanted
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exit.ok : exit.failed),
)
process.on('SIGINT', () => process.exit(exit.cancelled))

process.exit(await main(process.argv.slice(2)))
