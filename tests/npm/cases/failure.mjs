// For files of cases: it travels beside them.

/** The error that `work` rejects with. */
export async function failure(work) {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
