// Sorting and filtering of tags.
import type { Row } from "./read.js";

export const COLUMNS = ["tag", "date", "size"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  column: Column;
  descending: boolean;
}

/** Reads `date` or `-date`; newest first unless told. */
export function order(text: string): Order {
  const column = COLUMNS.find((name) => name === text.replace(/^-/, ""));
  return column === undefined ? { column: "date", descending: true } : { column, descending: text.startsWith("-") };
}

/** Numbers inside names count as numbers: v1.10.0 comes after v1.9.0. */
const names = new Intl.Collator("en", { numeric: true });

/** Sorted rows; what is not known comes last in either direction, and names decide between equals. */
export function sorted(rows: Row[], { column, descending }: Order): Row[] {
  const sign = descending ? -1 : 1;
  const byName = (one: Row, other: Row) => names.compare(one.name, other.name);
  if (column === "tag") return rows.toSorted((one, other) => sign * byName(one, other));
  const value = column === "date" ? (row: Row) => Date.parse(date(row)?.at ?? "") : (row: Row) => size(row) ?? Number.NaN;
  return rows.toSorted((one, other) => {
    const [left, right] = [value(one), value(other)];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || byName(one, other);
    return sign * (left - right) || byName(one, other);
  });
}

/** Whether a row's place in this order can still change: what it is sorted by was not read yet. */
export function isOpen(row: Row, { column }: Order): boolean {
  if (column === "tag" || row.image !== undefined || row.error !== undefined) return false;
  return column === "size" || date(row) === undefined;
}

/** Rows that hold every word in their tag, digest or platforms. */
export function found(rows: Row[], search: string): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = `${row.name} ${row.digest ?? ""} ${platforms(row).join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The time of a tag and what it is the time of: its push, where the registry records it, else its build. */
export function date({ pushed, created }: Row): { at: string; source: "pushed" | "created" } | undefined {
  if (pushed !== undefined) return { at: pushed, source: "pushed" };
  return created === undefined ? undefined : { at: created, source: "created" };
}

/** What the largest platform's pull downloads. */
export function size({ image }: Row): number | undefined {
  return image === undefined || image.platforms.length === 0 ? undefined : Math.max(...image.platforms.map(({ size }) => size));
}

/** What a signature and other artifacts say, which run nowhere. */
const NONE = "unknown/unknown";

export function platforms({ image }: Row): string[] {
  return (image?.platforms ?? []).map(({ platform }) => platformName(platform)).filter((name) => name !== NONE);
}

export function platformName({ os, architecture, variant }: { os: string; architecture: string; variant?: string }): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/");
}
