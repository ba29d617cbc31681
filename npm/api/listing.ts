/** Whether a listing holds everything the registry has, and what it cost. */
export interface Completion {
  /** Only when proven: a list that may have been cut short is never called complete. */
  complete: boolean
  /** Why it is not complete. */
  reason?: string
  /** HTTP requests sent for it, authentication and repetitions included. */
  requestsUsed: number
}

/** Where a listing's pages come from: one walk through the registry. */
export interface PageSource<Item> {
  next(): Promise<Item[] | undefined>
  completion(): Completion
}

/**
 * A list that the registry hands out in pages, read while you loop over it.
 *
 * One listing is one walk: looping, {@link pages} and {@link done} share it, so a loop that was
 * left by `break` is continued by the next one. Leaving a loop sends no further request.
 *
 * @example
 * ```js
 * const tags = connect("127.0.0.1:5555").repository("shop/web").tags();
 * for await (const { name } of tags) console.log(name);
 * console.log(await tags.done()); // { complete: true, requestsUsed: 1 }
 * ```
 */
export class Listing<Item> implements AsyncIterable<Item> {
  readonly #open: () => Promise<PageSource<Item>>
  #source: Promise<PageSource<Item>> | undefined
  // pages are asked for one after another, however many loops wait for them
  #turn: Promise<unknown> = Promise.resolve()
  #rest: Item[] = []

  /** @internal */
  constructor(open: () => Promise<PageSource<Item>>) {
    this.#open = open
  }

  /** The items one by one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      for (let item = this.#rest.shift(); item !== undefined; item = this.#rest.shift()) yield item
      const page = await this.#next()
      if (page === undefined) return
      this.#rest.push(...page)
    }
  }

  /** The items as the registry pages them. */
  async *pages(): AsyncGenerator<Item[], void, undefined> {
    if (this.#rest.length > 0) yield this.#rest.splice(0)
    for (let page = await this.#next(); page !== undefined; page = await this.#next()) yield page
  }

  /** Reads what is left to the end, and says whether everything was seen. */
  async done(): Promise<Completion> {
    this.#rest.length = 0
    while ((await this.#next()) !== undefined);
    return (await this.#opened()).completion()
  }

  #opened(): Promise<PageSource<Item>> {
    return (this.#source ??= this.#open())
  }

  #next(): Promise<Item[] | undefined> {
    const page = this.#turn.then(async () => (await this.#opened()).next())
    this.#turn = page.catch(() => undefined)
    return page
  }
}
