/** Who may write, until when. */
export interface Lease {
  holder: string;
  fence: number;
  /** RFC 3339. */
  expires: string;
}

/**
 * Where cleanup keeps what must outlive one program: journals, back-ups, inventories, leases.
 *
 * All documents are text. A method that returns has kept what it was given: deletions rest on
 * that, so write through before you return, and throw if you cannot.
 *
 * `portreeve/node` has one that keeps files; {@link memoryStore} forgets.
 */
export interface Store {
  /** The lines of a run's journal, oldest first; none for a run that never began. */
  journal(run: string): Promise<string[]>;
  /** Adds one line to a run's journal. */
  appendJournal(run: string, line: string): Promise<void>;
  /** Keeps a back-up, in place of an earlier one of that key. Keys are made of letters, digits and `.-_+@`. */
  putBackup(run: string, key: string, document: string): Promise<void>;
  /** The back-up kept under this key. */
  backup(run: string, key: string): Promise<string | undefined>;
  /** The keys of a run's back-ups, in any order. */
  backups(run: string): Promise<string[]>;
  /** The last inventory of a repository. */
  inventory(host: string, repository: string): Promise<string | undefined>;
  /** Keeps the inventory of a repository, in place of the earlier one. */
  saveInventory(host: string, repository: string, document: string): Promise<void>;
  /** The lease of this name, held or run out. */
  lease(name: string): Promise<Lease | undefined>;
  /** Writes the lease if the present one still is `expected`, and says whether it did. */
  swapLease(name: string, expected: Lease | undefined, next: Lease): Promise<boolean>;
}

/** A store that forgets when the program ends: an apply with it cannot be restored later. */
export function memoryStore(): Store {
  const journals = new Map<string, string[]>();
  const backups = new Map<string, Map<string, string>>();
  const inventories = new Map<string, string>();
  const leases = new Map<string, Lease>();
  const same = (one: Lease | undefined, other: Lease | undefined) =>
    one?.holder === other?.holder && one?.fence === other?.fence && one?.expires === other?.expires;
  return {
    journal: async (run) => [...(journals.get(run) ?? [])],
    appendJournal: async (run, line) => {
      journals.set(run, [...(journals.get(run) ?? []), line]);
    },
    putBackup: async (run, key, document) => {
      backups.set(run, new Map(backups.get(run)).set(key, document));
    },
    backup: async (run, key) => backups.get(run)?.get(key),
    backups: async (run) => [...(backups.get(run)?.keys() ?? [])],
    inventory: async (host, repository) => inventories.get(`${host}/${repository}`),
    saveInventory: async (host, repository, document) => {
      inventories.set(`${host}/${repository}`, document);
    },
    lease: async (name) => leases.get(name),
    swapLease: async (name, expected, next) => {
      const unchanged = same(leases.get(name), expected);
      if (unchanged) leases.set(name, next);
      return unchanged;
    },
  };
}
