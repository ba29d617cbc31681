import type { ReadingProgress } from "portreeve";
import { useState } from "preact/hooks";
import { open } from "../access.js";
import type { Address, Go } from "../address.js";
import type { Job } from "../jobs.js";
import { Failure } from "../parts/failure.js";
import { Progress } from "../parts/progress.js";
import { useReading } from "../reading.js";
import { format } from "./format.js";
import { usePlan } from "./planning.js";
import { FIRST_POLICY } from "./first_policy.js";
import { Policy } from "./policy.js";
import { Verdicts } from "./verdicts.js";

/** What the job's policy, or one that is tried out, would do to a repository. */
export function PlanView({ address, go, job, jobsFailed, token, onToken }: {
  address: Address;
  go: Go;
  job: Job | undefined;
  jobsFailed: boolean;
  token: string | undefined;
  onToken: (token: string) => void;
}) {
  const { repository } = address;
  const original = format(job?.policy ?? FIRST_POLICY);
  const [text, setText] = useState(original);
  const [inventory, again] = useReading(
    (signal, onProgress) => open(repository, token).inventory({
      signal,
      layers: true,
      onProgress: ({ phase, done, known }) => onProgress({ doing: PHASES[phase], done, total: known }),
    }),
    [token],
  );
  const { plan, problems, failure } = usePlan(text, job, inventory.state === "ready" ? inventory.value : undefined);

  const verdicts = () => {
    if (inventory.state === "failed") {
      return <Failure doing={`Taking stock of ${repository}`} error={inventory.error} onAgain={again} onToken={onToken} />;
    }
    if (inventory.state === "reading") return <Progress doing="Taking stock" {...inventory.progress} />;
    if (failure !== undefined) return <Failure doing="Planning" error={failure} onAgain={again} onToken={onToken} />;
    if (plan !== undefined) return <Verdicts plan={plan} stale={problems.length > 0} address={address} go={go} onAgain={again} />;
    return problems.length > 0 ? null : <Progress doing="Planning" />;
  };
  return (
    <div class="plan-layout">
      <Policy job={job} jobsFailed={jobsFailed} text={text} original={original} problems={problems} onText={setText} />
      <div>{verdicts()}</div>
    </div>
  );
}

const PHASES: Record<ReadingProgress["phase"], string> = {
  listing: "Reading the list of tags",
  tags: "Reading what the tags name",
  manifests: "Reading manifests",
  referrers: "Looking for signatures and attestations",
  unlisted: "Looking for what was there before",
  configs: "Reading when images were built",
};
