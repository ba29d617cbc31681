import type { DatedGroup, Summary } from "portreeve";
import { bytes } from "../parts/bytes.js";
import { When } from "../parts/when.js";

/** What the deletions come to: bytes, and how old the oldest and the newest is. */
export function Deletions({ summary }: { summary: Summary }) {
  const { delete: deleted, freed, oldest, newest } = summary;
  if (deleted.groups === 0) return null;
  return (
    <section aria-label="What deleting comes to">
      <dl class="facts deletions">
        <div><dt>frees</dt><dd><FreedBytes freed={freed} /></dd></div>
        {oldest === null ? null : <div><dt>oldest deleted</dt><dd><Dated {...oldest} /></dd></div>}
        {newest === null ? null : <div><dt>newest deleted</dt><dd><Dated {...newest} /></dd></div>}
      </dl>
    </section>
  );
}

function FreedBytes({ freed }: Pick<Summary, "freed">) {
  if (freed === null) return <>not known: not all layers were read</>;
  const { least, most } = freed;
  return (
    <>
      {least === most ? bytes(most) : `${bytes(least)} to ${bytes(most)}`}{" "}
      <span class="aside">once the registry collects what nothing needs</span>
    </>
  );
}

const SOURCES: Record<DatedGroup["by"], string> = { pushed: "pushed", created: "built", firstSeen: "first seen" };

function Dated({ tag, digest, time, by }: DatedGroup) {
  return <><code>{tag ?? digest.slice(0, 19)}</code> <When at={time} source={SOURCES[by]} /></>;
}
