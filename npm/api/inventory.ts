import type { CallOptions } from "./options.js";
import { RegistryError } from "./error.js";

/** What an inventory tells of one manifest. Times are RFC 3339 in UTC. */
export interface InventoryImage {
  digest: string;
  tags: { name: string; [fact: string]: unknown }[];
  kind: "image" | "index" | "signature" | "attestation" | "sbom" | "chart" | "cache" | "other";
  mediaType?: string;
  size?: number;
  children?: string[];
  subject?: string;
  times?: { pushed?: string; created?: string; pulled?: string; firstSeen?: string };
  [fact: string]: unknown;
}

/** The first line of the document. */
interface Head {
  host: string;
  repository: string;
  takenAt: string;
  complete: boolean;
  incompleteReason?: string;
  listsUntagged: boolean;
}

/** What shapes {@link Repository.inventory}. */
export interface InventoryOptions extends CallOptions {
  /** The last inventory of the same repository: what it saw is looked for again, and first-seen times go on. */
  earlier?: Inventory;
  /** Reads only the facts that this policy asks for. */
  policy?: object;
  /** Told after each manifest that was read. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** A snapshot of one repository: `portreeve.inventory/1`, as it is kept in a file. */
export interface Inventory extends Head {
  /** The document itself: JSON Lines, whose last line proves that it is whole. */
  readonly text: string;
  /** Its images, parsed when asked for. */
  readonly images: InventoryImage[];
}

/** Reads a `portreeve.inventory/1` document back, such as one kept by an earlier run. */
export function readInventory(text: string): Inventory {
  const [head, ...lines] = text.trimEnd().split("\n");
  const first = JSON.parse(head ?? "null") as (Head & { format?: string }) | null;
  if (first?.format !== "portreeve.inventory/1") {
    throw new RegistryError({ code: "invalid_argument", message: "this is no portreeve.inventory/1 document" });
  }
  return {
    host: first.host,
    repository: first.repository,
    takenAt: first.takenAt,
    complete: first.complete,
    ...(first.incompleteReason === undefined ? {} : { incompleteReason: first.incompleteReason }),
    listsUntagged: first.listsUntagged,
    text,
    get images() {
      return lines.slice(0, -1).map((line) => JSON.parse(line) as InventoryImage);
    },
  };
}
