// Every process of a chain ends when the one above it is gone: a SIGKILL forwards nothing, so each
// link looks for its parent by itself.

/** Calls `ended` once when the process that started this one no longer exists. */
export function whenParentEnds(ended) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    ended()
  }, 500)
  timer.unref()
}
