// The tags of a repository: names first, as the registry pages them, then what each one names.
import type { Completion, Image, Repository } from "portreeve";

export interface Row {
  name: string;
  digest?: string;
  pushed?: string;
  created?: string;
  /** Read for this tag, once it was its turn. */
  image?: Image;
  /** Why it could not be read. */
  error?: unknown;
}

export interface Tags {
  rows: Row[];
  /** There when the last page was read. */
  completion: Completion | undefined;
  /** How many tags have their details. */
  done: number;
}

/** As many as Chromium and the Worker open to one host at once. */
const AT_ONCE = 6;

/**
 * Reads names, and the details of the first `limit` tags; calls `onChange` with each state on the way.
 *
 * `images` holds what was read before, by digest or tag, and is added to.
 */
export async function readTags(
  repository: Repository,
  { limit, images, signal }: { limit: number; images: Map<string, Promise<Image>>; signal: AbortSignal },
  onChange: (tags: Tags) => void,
): Promise<Tags> {
  const rows: Row[] = [];
  let completion: Completion | undefined;
  let done = 0;
  const state = (): Tags => ({ rows: [...rows], completion, done });

  const listing = repository.tags({ signal });
  for await (const page of listing.pages()) {
    rows.push(...page.map(({ name, digest, pushed, created }) => ({
      name,
      ...(digest === undefined ? {} : { digest }),
      ...(pushed === undefined ? {} : { pushed }),
      ...(created === undefined ? {} : { created }),
    })));
    onChange(state());
  }
  completion = await listing.done();

  // tags that are known to share a digest share one reading
  const image = ({ name, digest = name }: Row) => {
    const known = images.get(digest);
    if (known !== undefined) return known;
    const reading = repository.image(digest, { signal });
    images.set(digest, reading);
    reading.catch(() => images.delete(digest));
    return reading;
  };
  const waiting = newestFirst(rows).slice(0, limit);
  const work = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const detailed = await image(row).then(
        (image): Row => ({ ...row, image, digest: image.digest, ...(image.created === undefined ? {} : { created: image.created }) }),
        (error: unknown): Row => ({ ...row, error }),
      );
      signal.throwIfAborted();
      rows[rows.findIndex(({ name }) => name === row.name)] = detailed;
      done += 1;
      onChange(state());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return state();
}

/** What a person looks at first is read first, where the registry tells times in its list. */
function newestFirst(rows: Row[]): Row[] {
  return rows.toSorted((one, other) => (other.pushed ?? "").localeCompare(one.pushed ?? ""));
}
