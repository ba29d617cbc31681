import type { Plan } from "portreeve";
import { useState } from "preact/hooks";
import type { Address, Go } from "../address.js";
import { Icon } from "../parts/icon.js";
import { Search } from "../parts/search.js";
import { ago } from "../parts/when.js";
import { Deletions } from "./deletions.js";
import { found, groups } from "./groups.js";
import { Causes, Counts, Warnings } from "./summary.js";
import { VerdictTable } from "./table.js";
import { VERDICTS } from "./verdict.js";

/** Rows on the screen before anybody asks for more. */
const STEP = 200;

/** A plan: what is doubtful, what it comes to, and each image. */
export function Verdicts({ plan, stale, address, go, onAgain }: {
  plan: Plan;
  /** The policy in the editor has an error, so this is the plan of an earlier text. */
  stale: boolean;
  address: Address;
  go: Go;
  onAgain: () => void;
}) {
  const [limit, setLimit] = useState(STEP);
  const images = plan.repositories.flatMap((repository) => repository.images);
  const all = groups(images, VERDICTS);
  const judged = address.verdict === "" ? all : all.filter(({ head }) => head.verdict === address.verdict);
  const matching = found(judged, address.search);
  const warnings = [
    ...(stale ? ["The policy has an error: what is shown is the plan before it."] : []),
    ...(plan.summary.warnings ?? []),
  ];
  return (
    <>
      <Warnings warnings={warnings} />
      <Counts summary={plan.summary} chosen={address.verdict} onChoose={(verdict) => go({ verdict }, "filter")} />
      <Deletions summary={plan.summary} />
      <Causes groups={all} onSearch={(verdict, search) => go({ verdict, search }, "filter")} />
      <div class="tools">
        <Search label="Filter images" value={address.search} onSearch={(search) => go({ search }, "filter")} />
        <p class="count" role="status">
          {matching.length === all.length ? `${all.length} images` : `${matching.length} of ${all.length} images`}
        </p>
        <button type="button" class="quiet" onClick={onAgain} aria-label="Read again"><Icon name="reload" /><span>Read again</span></button>
      </div>
      {matching.length === 0 ? (
        <section class="notice">
          <h2>{all.length === 0 ? "Nothing to judge" : "No image matches"}</h2>
          {all.length === 0
            ? <p>The repository holds no image that this policy speaks about.</p>
            : <p><button type="button" onClick={() => go({ search: "", verdict: "" }, "filter")}>Show all {all.length} images</button></p>}
        </section>
      ) : <VerdictTable plan={plan} repository={address.repository} groups={matching.slice(0, limit)} />}
      {matching.length > limit ? (
        <p class="more"><button type="button" onClick={() => setLimit(limit + STEP)}>Show {Math.min(STEP, matching.length - limit)} more</button></p>
      ) : null}
      <p class="aside footnote">
        Planned in this browser, {ago(plan.now)}, plan <code>{plan.hash.slice(0, 12)}</code>.
        The same in a terminal: <code>npx portreeve plan {plan.job}</code>
      </p>
    </>
  );
}
