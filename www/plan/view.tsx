import { useEffect, useState } from "preact/hooks";
import type { Inventory, Plan, ReadingProgress } from "portreeve";
import { open } from "../access.js";
import type { Address, Go } from "../address.js";
import type { Job } from "../jobs.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { Progress } from "../parts/progress.js";
import { Search } from "../parts/search.js";
import { ago } from "../parts/when.js";
import { useReading } from "../reading.js";
import { format } from "./format.js";
import { found, groups } from "./groups.js";
import { PolicyEditor, type Problem } from "./policy_editor.js";
import { FIRST_POLICY, type Planned, planWith } from "./read.js";
import { Causes, Counts, Warnings } from "./summary.js";
import { VerdictTable } from "./table.js";
import { VERDICTS } from "./verdict.js";

/** Rows on the screen before anybody asks for more. */
const STEP = 200;
/** How long typing must rest before the policy is planned. */
const REST = 200;

export function PlanView({ address, go, job, jobsFailed, token, onToken }: {
  address: Address;
  go: Go;
  job: Job | undefined;
  /** Whether a job is missing because the jobs could not be read. */
  jobsFailed: boolean;
  token: string | undefined;
  onToken: (token: string) => void;
}) {
  const { repository } = address;
  const [inventory, again] = useReading(
    (signal, onProgress) => open(repository, token).inventory({
      signal,
      onProgress: ({ phase, done, known }) => onProgress({ doing: PHASES[phase], done, total: known }),
    }),
    [repository, token],
  );
  if (inventory.state === "failed") {
    return <Failure doing={`taking stock of ${repository}`} error={inventory.error} onAgain={again} onToken={onToken} />;
  }
  if (inventory.state === "reading") return <Progress doing="Taking stock" {...inventory.progress} />;
  return <PlanOf key={`${repository} ${job?.name}`} inventory={inventory.value} address={address} go={go} job={job} jobsFailed={jobsFailed} onAgain={again} onToken={onToken} />;
}

const PHASES: Record<ReadingProgress["phase"], string> = {
  listing: "Reading the list of tags",
  tags: "Reading what the tags name",
  manifests: "Reading manifests",
  referrers: "Looking for signatures and attestations",
  unlisted: "Looking for what was there before",
  configs: "Reading when images were built",
};

/** The plan of an inventory by a policy that can be changed. */
function PlanOf({ inventory, address, go, job, jobsFailed, onAgain, onToken }: {
  inventory: Inventory;
  address: Address;
  go: Go;
  job: Job | undefined;
  jobsFailed: boolean;
  onAgain: () => void;
  onToken: (token: string) => void;
}) {
  const original = format(job?.policy ?? FIRST_POLICY);
  // beside the verdicts where there is room; where it would push them off the screen, folded
  const [wide] = useState(() => matchMedia("(min-width: 75rem)").matches);
  const [text, setText] = useState(original);
  const [plan, setPlan] = useState<Plan>();
  const [problems, setProblems] = useState<Problem[]>([]);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    let current = true;
    const settle = (planned: Planned) => {
      // while a policy is wrong, the last right plan stays in sight
      if (planned.plan !== undefined) setPlan(planned.plan);
      setProblems(planned.problems);
      setFailure(undefined);
    };
    const rest = setTimeout(() => {
      planWith(text, job, inventory).then(
        (planned) => current && settle(planned),
        (error: unknown) => current && setFailure(error),
      );
    }, plan === undefined ? 0 : REST);
    return () => {
      current = false;
      clearTimeout(rest);
    };
  }, [text, inventory]);

  return (
    <div class="plan-layout">
      <aside class="policy" aria-label="Policy">
        <details open={wide}>
          <summary><Icon name="open" /><PolicyHead job={job} jobsFailed={jobsFailed} /></summary>
          <PolicyEditor text={text} original={original} problems={problems} onText={setText} />
        </details>
      </aside>
      <div class="verdicts">
        {failure !== undefined
          ? <Failure doing="planning" error={failure} onAgain={onAgain} onToken={onToken} />
          : plan === undefined
            ? problems.length > 0 ? null : <Progress doing="Planning" />
            : <Verdicts plan={plan} stale={problems.length > 0} address={address} go={go} onAgain={onAgain} />}
      </div>
    </div>
  );
}

function PolicyHead({ job, jobsFailed }: { job: Job | undefined; jobsFailed: boolean }) {
  if (job === undefined) {
    return (
      <div>
        <h2>Policy</h2>
        <p class="aside">{jobsFailed ? "The configured jobs could not be read." : "No job that you may plan cleans this repository."} This is an example to try out.</p>
      </div>
    );
  }
  return (
    <div>
      <h2>Policy <q>{job.policyName}</q></h2>
      <p class="aside">
        of job <strong>{job.name}</strong>, which {job.mode === "apply" ? "deletes by itself" : "plans only"}
        {job.schedule === undefined ? ", when asked" : <>, at <code>{job.schedule}</code> UTC</>}
      </p>
    </div>
  );
}

function Verdicts({ plan, stale, address, go, onAgain }: {
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
      ) : <VerdictTable repository={address.repository} groups={matching.slice(0, limit)} />}
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
