// Loaded into wrangler by `--import`: when the process above it is gone, its group goes too.

import { whenParentEnds } from '../parent.mjs'

whenParentEnds(() => process.kill(0, 'SIGKILL'))
