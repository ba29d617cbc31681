import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { RegistryError } from "../api/index.js";
import type { Lease, Store } from "../api/index.js";
import { appendLine, exclusively, readText, replace } from "./files.js";

/**
 * A {@link Store} of files, as the command line keeps it in `.portreeve/`:
 * `<host>/<repository>/inventory.jsonl`, `runs/<run>/{journal.jsonl, backup/}` and `leases/`.
 *
 * Whatever was kept is on the disk when the call returns, and half-written files never take the
 * place of whole ones.
 *
 * @example
 * ```js
 * import { fileStore } from "portreeve/node";
 *
 * const store = fileStore(".portreeve");
 * const earlier = await store.inventory("127.0.0.1:5555", "shop/web");
 * ```
 */
export function fileStore(folder: string): Store {
  const run = (name: string, ...path: string[]) => join(folder, "runs", plain(name), ...path);
  const inventory = (host: string, repository: string) =>
    join(folder, plain(host), ...repository.split("/").map(plain), "inventory.jsonl");
  const lease = (name: string) => join(folder, "leases", `${encodeURIComponent(name)}.json`);
  const readLease = async (name: string): Promise<Lease | undefined> => {
    const text = await readText(lease(name));
    return text === undefined ? undefined : (JSON.parse(text) as Lease);
  };
  return {
    journal: async (name) => ((await readText(run(name, "journal.jsonl"))) ?? "").split("\n").filter((line) => line !== ""),
    appendJournal: (name, line) => appendLine(run(name, "journal.jsonl"), line),
    putBackup: (name, key, document) => replace(run(name, "backup", `${plain(key)}.json`), document),
    backup: (name, key) => readText(run(name, "backup", `${plain(key)}.json`)),
    backups: async (name) => {
      const entries = await readdir(run(name, "backup")).catch(() => []);
      return entries.filter((entry) => entry.endsWith(".json")).map((entry) => entry.slice(0, -".json".length));
    },
    inventory: (host, repository) => readText(inventory(host, repository)),
    saveInventory: (host, repository, document) => replace(inventory(host, repository), document),
    lease: readLease,
    swapLease: async (name, expected, next) => {
      await mkdir(join(folder, "leases"), { recursive: true });
      return exclusively(lease(name), async () => {
        const present = await readLease(name);
        const unchanged = present?.holder === expected?.holder && present?.fence === expected?.fence;
        const sameEnd = present?.expires === expected?.expires;
        if (unchanged && sameEnd) await replace(lease(name), JSON.stringify(next));
        return unchanged && sameEnd;
      });
    },
  };
}

/** A name that cannot lead out of the folder. */
function plain(name: string): string {
  if (/^[A-Za-z0-9_[][A-Za-z0-9._+@:[\]-]*$/.test(name)) return name;
  throw new RegistryError({ code: "invalid_argument", message: `\`${name}\` cannot be the name of a file in a state folder` });
}
