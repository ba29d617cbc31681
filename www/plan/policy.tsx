import { useState } from "preact/hooks";
import type { Job } from "../jobs.js";
import { Icon } from "../parts/icon.js";
import { type Problem, PolicyEditor } from "./policy_editor.js";

/** The policy that decides, and whose it is. */
export function Policy({ job, jobsFailed, ...editor }: {
  job: Job | undefined;
  /** Whether a job is missing because the jobs could not be read. */
  jobsFailed: boolean;
  text: string;
  original: string;
  problems: Problem[];
  onText: (text: string) => void;
}) {
  // beside the verdicts where there is room; where it would push them off the screen, folded
  const [wide] = useState(() => matchMedia("(min-width: 75rem)").matches);
  return (
    <aside class="policy" aria-label="Policy">
      <details open={wide}>
        <summary>
          <Icon name="open" />
          {job === undefined ? <Example jobsFailed={jobsFailed} /> : <Owner job={job} />}
        </summary>
        <PolicyEditor {...editor} />
      </details>
    </aside>
  );
}

function Example({ jobsFailed }: { jobsFailed: boolean }) {
  return (
    <div>
      <h2>Policy</h2>
      <p class="aside">{jobsFailed ? "The configured jobs could not be read." : "No job that you may plan cleans this repository."} This is an example to try out.</p>
    </div>
  );
}

function Owner({ job: { name, policyName, mode, schedule } }: { job: Job }) {
  return (
    <div>
      <h2>Policy <q>{policyName}</q></h2>
      <p class="aside">
        of job <strong>{name}</strong>, which {mode === "apply" ? "deletes by itself" : "plans only"}
        {schedule === undefined ? ", when asked" : <>, at <code>{schedule}</code> UTC</>}
      </p>
    </div>
  );
}
