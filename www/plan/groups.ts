// A plan lists manifests; people think in groups: an image with everything that belongs to it.
import type { PlannedImage } from "portreeve";

export interface Group {
  /** The image that the group is named after. */
  head: PlannedImage;
  /** Platforms, attestations, signatures: what hangs on it. */
  members: PlannedImage[];
}

/** Groups by their verdict, in the order of `verdicts`, and by the rule that decided; in each, the newest first. */
export function groups(images: PlannedImage[], verdicts: readonly string[]): Group[] {
  const byGroup = new Map<string, PlannedImage[]>();
  for (const image of images) byGroup.set(image.group, [...(byGroup.get(image.group) ?? []), image]);
  const names = new Intl.Collator("en", { numeric: true });
  return [...byGroup]
    .map(([digest, all]): Group => {
      const head = all.find((image) => image.digest === digest) ?? all[0]!;
      return { head, members: all.filter((image) => image !== head) };
    })
    .toSorted(({ head: one }, { head: other }) =>
      verdicts.indexOf(one.verdict) - verdicts.indexOf(other.verdict) ||
      (one.rule ?? "\uffff").localeCompare(other.rule ?? "\uffff") ||
      time(other).localeCompare(time(one)) ||
      names.compare(one.tags[0] ?? one.digest, other.tags[0] ?? other.digest));
}

/** What its age is told by, as the plan writes times; empty where nobody knows. */
function time({ facts: { pushed, created } }: PlannedImage): string {
  return String(pushed ?? created ?? "");
}

/** Groups that hold every word in a tag, a digest, or the reasons for the verdict. */
export function found(all: Group[], search: string): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return all;
  return all.filter(({ head, members }) => {
    const text = [...head.tags, head.reason, head.rule ?? "", head.explanation, head.digest, ...members.map(({ digest }) => digest)]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** How many groups share a verdict for the same reason, most first. */
export interface Cause {
  verdict: PlannedImage["verdict"];
  reason: string;
  rule: string | undefined;
  groups: number;
}

export function causes(all: Group[]): Cause[] {
  const counted = new Map<string, Cause>();
  for (const { head: { verdict, reason, rule } } of all) {
    const key = JSON.stringify([verdict, reason, rule]);
    const cause = counted.get(key) ?? { verdict, reason, rule: rule ?? undefined, groups: 0 };
    counted.set(key, { ...cause, groups: cause.groups + 1 });
  }
  return [...counted.values()].toSorted((one, other) => other.groups - one.groups);
}
