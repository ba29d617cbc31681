/** The same stream, which ends with the signal's reason once it fires; its chunks are passed on as they are. */
export function abortable(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  if (signal === undefined) return stream
  const reader = stream.getReader()
  let end = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const abort = () => {
          controller.error(signal.reason)
          // the request is given up; whoever reads has the reason already
          reader.cancel(signal.reason).catch(() => {})
        }
        if (signal.aborted) abort()
        else signal.addEventListener('abort', abort)
        end = () => signal.removeEventListener('abort', abort)
      },
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          end()
          throw error
        })
        if (signal.aborted) return
        if (!done) return controller.enqueue(value)
        end()
        controller.close()
      },
      cancel(reason) {
        end()
        return reader.cancel(reason)
      },
    },
    // nothing is read ahead of whoever reads this
    { highWaterMark: 0 },
  )
}
