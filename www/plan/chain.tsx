import type { Plan, Why, WhyCondition, WhyStep, WhyUse } from "portreeve";
import { useEffect, useState } from "preact/hooks";
import { Digest } from "../parts/digest.js";
import { VerdictMark } from "./verdict.js";

/** Why an image has its verdict: what protects it, what forbids, and what each rule said. */
export function Chain({ plan, digest }: { plan: Plan; digest: string }) {
  const [why, setWhy] = useState<Why>();
  useEffect(() => {
    let current = true;
    // the plan is here: nothing is asked for, and what it does not hold has no row
    void plan.why(digest).then((found) => {
      if (current) setWhy(found);
    });
    return () => {
      current = false;
    };
  }, [plan, digest]);
  if (why === undefined) return null;
  return (
    <div class="chain">
      {why.path.length < 2 ? null : <Path steps={why.path} />}
      {why.uses.length === 0 ? null : <Uses uses={why.uses} />}
      {why.forbidden.length === 0 ? null : (
        <section>
          <h3>What forbids it</h3>
          <ul>{why.forbidden.map(({ reason, digest, explanation }) => <li key={reason + digest}>{short(explanation)}</li>)}</ul>
        </section>
      )}
      {why.rules.length === 0 ? null : <Rules {...why} />}
    </div>
  );
}

const RELATIONS: Record<NonNullable<WhyStep["by"]>, string> = {
  child: "which lists",
  parent: "which is listed by",
  referrer: "to which refers",
  subject: "which refers to",
};

function Path({ steps }: { steps: WhyStep[] }) {
  return (
    <section>
      <h3>The way to it</h3>
      <ol>
        {steps.map(({ digest, tags, by, verdict, explanation }) => (
          <li key={digest}>
            {by === null ? null : <span class="aside">{RELATIONS[by]}</span>}
            <VerdictMark verdict={verdict} />
            {tags.length === 0 ? null : <span class="tag-name">{tags[0]}</span>}
            <Digest digest={digest} />
            <span class="aside">{short(explanation)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Uses({ uses }: { uses: WhyUse[] }) {
  return (
    <section>
      <h3>What uses it</h3>
      <ul>
        {uses.map(({ report, names, sources, more }) => (
          <li key={report + names}>
            {sources.join("; ")}{more === 0 ? "" : ` and ${more} more`} <span class="aside">as {short(names)}, by the report <q>{report}</q></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A rule that matches first, then what may match, then the others. */
const ORDER = ["yes", "unknown", "no"];
const OUTCOMES = { yes: "matches", unknown: "is open", no: "does not match" };
const HOLDS = { yes: "yes", unknown: "not known", no: "no" };

function Rules({ rules, tags, tagsLeftOut }: Pick<Why, "rules" | "tags" | "tagsLeftOut">) {
  const sorted = rules.toSorted((one, other) => ORDER.indexOf(one.outcome) - ORDER.indexOf(other.outcome));
  return (
    <section>
      <h3>The rules</h3>
      <ul>
        {sorted.map(({ rule, keeps, tag, outcome, conditions }, place) => (
          <li key={place}>
            <span class={`dot ${outcome === "yes" ? (keeps ? "keep" : "delete") : outcome === "unknown" ? "unknown" : ""}`} aria-hidden="true" />
            <span>
              {keeps ? "keep" : "delete"} <q>{rule}</q>{tag === null || tags.length === 1 ? "" : <>, tag <code>{tag}</code></>}: {OUTCOMES[outcome]}
              <ul>{conditions.map((condition, at) => <Condition key={at} {...condition} tag={tag} />)}</ul>
            </span>
          </li>
        ))}
      </ul>
      {tagsLeftOut === 0 ? null : <p class="aside">It has {tagsLeftOut} more tags.</p>}
    </section>
  );
}

/** What was found, unless it is the tag that the rule was tried on. */
function Condition({ condition, outcome, found, tag }: WhyCondition & { tag: string | null }) {
  return (
    <li class="aside">
      {condition}: {HOLDS[outcome]}{found === null || found === tag ? "" : `, ${short(found)}`}
    </li>
  );
}

/** Digests cut to what tells them apart, times to the minute. */
export function short(text: string): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1").replace(/(\d)T(\d\d:\d\d):\d\dZ/g, "$1 $2 UTC");
}
