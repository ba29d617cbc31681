import type { Plan, PlannedImage } from "portreeve";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { Digest } from "../parts/digest.js";
import { Icon } from "../parts/icon.js";
import { moment } from "../parts/when.js";
import { Chain, short } from "./chain.js";
import type { Group } from "./groups.js";
import { Reason } from "./reason.js";
import { VerdictMark } from "./verdict.js";

/** The images with their verdicts, one group in a row. Roles written out as in the table of tags. */
export function VerdictTable({ plan, repository, groups }: { plan: Plan; repository: string; groups: Group[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <table class="list plan" role="table" aria-label={`Verdicts on the images of ${repository}`}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Verdict</th>
          <th role="columnheader" scope="col">Image</th>
          <th role="columnheader" scope="col">Why</th>
          <th role="columnheader" scope="col">Undo</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {groups.map(({ head, members }, index) => {
          const opened = open === head.digest;
          return (
            <Fragment key={head.digest}>
              <tr role="row" class={opened ? "opened" : undefined}>
                <td role="cell" class="judged"><VerdictMark verdict={head.verdict} /></td>
                <th role="rowheader" scope="row" class="image">
                  <button type="button" class="opener" aria-expanded={opened} aria-controls={opened ? `image-${index}` : undefined}
                    onClick={() => setOpen(opened ? undefined : head.digest)}>
                    <Icon name="open" />
                    <Names image={head} />
                  </button>
                  <span class="under"><Digest digest={head.digest} />{members.length === 0 ? null : <span class="aside">with {members.length} more</span>}</span>
                </th>
                <td role="cell" class="why"><Why image={head} /></td>
                <td role="cell" class="undo"><Undo undo={head.undo} /></td>
              </tr>
              {opened ? (
                <tr role="row" class="details" id={`image-${index}`}>
                  <td role="cell" colSpan={4}>
                    <Facts facts={head.facts} />
                    <Chain plan={plan} digest={head.digest} />
                    <Members members={members} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function Names({ image }: { image: PlannedImage }) {
  if (image.tags.length === 0) return <span class="tag-name untagged">untagged</span>;
  const [first, ...others] = image.tags;
  return (
    <span class="tag-names">
      <span class="tag-name">{first}</span>
      {others.map((tag) => <span key={tag} class="tag-name other">{tag}</span>)}
    </span>
  );
}

function Why({ image }: { image: PlannedImage }) {
  return (
    <>
      <span class="reason"><Reason {...image} /></span>
      <Explanation image={image} />
    </>
  );
}

/** The plan's own words, cut: digests to what tells them apart, times to the minute, no tag that the row names anyway. */
function Explanation({ image: { explanation, tags } }: { image: PlannedImage }) {
  const only = tags.length === 1 ? `tag ${tags[0]}, ` : "";
  return <span class="explanation aside" title={explanation}>{short(explanation.replace(only, ""))}</span>;
}

/** For deletions: until when the image can be put back. */
function Undo({ undo }: { undo: PlannedImage["undo"] }) {
  if (undo === null) return <span class="aside">not needed</span>;
  if (undo === "none") return <span>not possible</span>;
  if (undo === "unknown") return <span>while the blobs last</span>;
  return <span>until {moment(undo)}</span>;
}

/** What the verdict was decided by. */
function Facts({ facts }: { facts: PlannedImage["facts"] }) {
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return (
    <dl class="facts">
      {entries.map(([name, value]) => <div key={name}><dt>{NAMES[name] ?? name}</dt><dd>{fact(name, value)}</dd></div>)}
    </dl>
  );
}

const NAMES: Record<string, string> = {
  firstSeen: "first seen",
  tag: "deciding tag",
  place: "place in its rule",
  per: "counted for",
  sharedWith: "shared with",
};
const TIMES = new Set(["pushed", "created", "pulled", "firstSeen"]);

function fact(name: string, value: unknown): string {
  if (TIMES.has(name)) return moment(String(value));
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function Members({ members }: { members: PlannedImage[] }) {
  if (members.length === 0) return null;
  return (
    <ul class="members" aria-label="What belongs to it">
      {members.map((member) => (
        <li key={member.digest}>
          <VerdictMark verdict={member.verdict} />
          <Digest digest={member.digest} />
          <span>{member.role}</span>
          <Explanation image={member} />
        </li>
      ))}
    </ul>
  );
}
