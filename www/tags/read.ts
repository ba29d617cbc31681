// The tags of a repository: names as the registry pages them, then what those name that somebody looks at.
import type { Completion, Image, Repository } from "portreeve";
import { useEffect, useState } from "preact/hooks";

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
  completion: Completion;
}

/** Reads the names, with what the registry tells beside them. */
export async function readTags(repository: Repository, signal: AbortSignal, onRows: (count: number) => void): Promise<Tags> {
  const rows: Row[] = [];
  const listing = repository.tags({ signal });
  for await (const page of listing.pages()) {
    for (const { name, digest, pushed, created } of page) {
      rows.push({
        name,
        ...(digest === undefined ? {} : { digest }),
        ...(pushed === undefined ? {} : { pushed }),
        ...(created === undefined ? {} : { created }),
      });
    }
    onRows(rows.length);
  }
  return { rows, completion: await listing.done() };
}

/** What was read of an image, or why it could not be. */
type Details = { image: Image } | { error: unknown };

/** As many as a browser opens to one host at once. */
const AT_ONCE = 6;

/** Reads the images of `wanted` and keeps them, each digest once; answers `rows` with what is known so far. */
export function useDetails(repository: Repository, rows: Row[], wanted: (rows: Row[]) => Row[]): Row[] {
  const [details, setDetails] = useState<ReadonlyMap<string, Details>>(new Map());
  const known = rows.map((row) => detailed(row, details.get(target(row))));
  const targets = [...new Set(wanted(known).map(target))].sort();
  useEffect(() => {
    const stop = new AbortController();
    const waiting = targets.filter((name) => !details.has(name));
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const read = name;
        const found = await repository.image(read, { signal: stop.signal }).then(
          (image): Details => ({ image }),
          (error: unknown): Details => ({ error }),
        );
        if (stop.signal.aborted) return;
        setDetails((last) => new Map(last).set(read, found));
      }
    };
    for (let worker = 0; worker < AT_ONCE; worker += 1) void work();
    return () => stop.abort();
  }, [targets.join()]);
  return known;
}

/** Tags that are known to share a digest share one reading. */
function target({ digest, name }: Row): string {
  return digest ?? name;
}

function detailed(row: Row, details: Details | undefined): Row {
  if (details === undefined || "error" in details) return { ...row, ...details };
  const { image } = details;
  return { ...row, image, digest: image.digest, ...(image.created === undefined ? {} : { created: image.created }) };
}
