import { asyncDispose } from './dispose.js'

/** Whether a listing holds everything the registry has, and what it cost. */
export interface Completion {
  /** Only when proven: a list that may have been cut short is never called complete. */
  complete: boolean
  /** Why it is not complete, in words. */
  reason?: string
  /**
   * The same as one word: it was left before its end, stopped at the limit that was asked for,
   * stopped by the registry (429), broke off, or could not be proven whole.
   */
  cause?: 'unread' | 'limited' | 'throttled' | 'failed' | 'unproven'
  /** HTTP requests sent for it, authentication and repetitions included. */
  requestsUsed: number
}

/**
 * Where a listing's pages come from: one walk through the registry.
 *
 * @internal
 */
export interface PageSource<Item> {
  next(): Promise<Item[] | undefined>
  completion(): Completion
  free(): void
}

/**
 * A list that the registry hands out in pages, read while you loop over it.
 *
 * One listing is one walk: looping, {@link pages}, {@link all} and {@link done} share it, so a loop
 * that was left by `break` is continued by the next one. Leaving a loop sends no further request;
 * `await using`, where a program has it, also gives up what is in flight.
 *
 * @example
 * ```js
 * const tags = connect("127.0.0.1:5555").repository("shop/web").tags();
 * for await (const { name } of tags) console.log(name);
 * console.log(await tags.done()); // { complete: true, requestsUsed: 1 }
 * ```
 */
export class Listing<Item> implements AsyncIterable<Item>, AsyncDisposable {
  readonly #open: (signal: AbortSignal) => Promise<PageSource<Item>>
  readonly #closing = new AbortController()
  readonly #signal: AbortSignal
  #source: Promise<PageSource<Item>> | undefined
  // pages are asked for one after another, however many loops wait for them
  #turn: Promise<unknown> = Promise.resolve()
  #rest: Item[] = []
  // how many of them are gone: taking the first of 100,000 off moves all the others
  #gone = 0
  #left: Completion | undefined

  /** @internal */
  constructor(open: (signal: AbortSignal) => Promise<PageSource<Item>>, signal?: AbortSignal) {
    this.#open = open
    const closing = this.#closing.signal
    this.#signal = signal === undefined ? closing : AbortSignal.any([signal, closing])
  }

  /** The items one by one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      while (this.#gone < this.#rest.length) yield this.#rest[this.#gone++] as Item
      const page = await this.#next()
      if (page === undefined) return
      // another loop over the same listing may have put a page here meanwhile
      this.#rest = this.#taken().concat(page)
    }
  }

  /** The items as the registry pages them. */
  async *pages(): AsyncGenerator<Item[], void, undefined> {
    const rest = this.#taken()
    if (rest.length > 0) yield rest
    for (let page = await this.#next(); page !== undefined; page = await this.#next()) yield page
  }

  /** The items that are left, as one list. */
  async all(): Promise<Item[]> {
    const pages: Item[][] = []
    for await (const page of this.pages()) pages.push(page)
    return pages.flat()
  }

  /** Reads what is left to the end, and says whether everything was seen. */
  async done(): Promise<Completion> {
    this.#taken()
    while ((await this.#next()) !== undefined);
    return this.#left ?? (await this.#opened()).completion()
  }

  /** Ends the walk and gives up the request in flight; loops over it end. */
  async [asyncDispose](): Promise<void> {
    if (this.#left !== undefined) return
    this.#left = { complete: false, reason: 'it was not read to its end', cause: 'unread', requestsUsed: 0 }
    this.#taken()
    this.#closing.abort()
    await this.#turn
    const source = await this.#source?.catch(() => undefined)
    if (source === undefined) return
    this.#left = source.completion()
    source.free()
  }

  /** What was read and not handed out yet; it is the caller's by now. */
  #taken(): Item[] {
    const rest = this.#gone === 0 ? this.#rest : this.#rest.slice(this.#gone)
    this.#rest = []
    this.#gone = 0
    return rest
  }

  #opened(): Promise<PageSource<Item>> {
    return (this.#source ??= this.#open(this.#signal))
  }

  #next(): Promise<Item[] | undefined> {
    const page = this.#turn.then(async () => (this.#left ? undefined : (await this.#opened()).next()))
    this.#turn = page.catch(() => undefined)
    return page
  }
}
