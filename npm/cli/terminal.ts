/**
 * How many columns there are to fill: the terminal's, else what COLUMNS says, else no limit, so
 * that what goes to a file or a pipe is whole.
 */
export function columns(): number {
  const told = Number(process.env['COLUMNS'])
  return process.stdout.columns ?? (Number.isInteger(told) && told > 0 ? told : Infinity)
}

/** Whether a line of progress stands on standard error, which other output there has to replace. */
export const progressLine = { isDrawn: false }
