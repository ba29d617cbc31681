import { writeAddress } from "./address.js";
import type { Job } from "./jobs.js";
import { Failure } from "./parts/failure.js";
import { Progress } from "./parts/progress.js";
import type { Reading } from "./reading.js";

/** Where nothing is chosen yet: the jobs, with their repositories. */
export function Start({ jobs, onAgain, onToken }: {
  jobs: Reading<Job[]>;
  onAgain: () => void;
  onToken: (token: string) => void;
}) {
  return (
    <div class="start">
      <h1>What is in the registry, and what would go</h1>
      <p class="lead">
        Open a repository to see its tags, or what its cleanup policy would delete and why. This page reads and plans in your
        browser; it changes nothing.
      </p>
      {jobs.state === "reading" ? <Progress doing="Reading the jobs" /> : null}
      {jobs.state === "failed" ? <Failure doing="Reading the jobs" error={jobs.error} onAgain={onAgain} onToken={onToken} /> : null}
      {jobs.state === "ready" && jobs.value.length === 0 ? (
        <section class="notice"><h2>No job yet</h2><p>Jobs are written in <code>portreeve.json</code>. Any repository can be opened by its name above.</p></section>
      ) : null}
      {jobs.state === "ready" ? <ul class="jobs">{jobs.value.map((job) => <JobCard key={job.name} job={job} />)}</ul> : null}
    </div>
  );
}

function JobCard({ job }: { job: Job }) {
  return (
    <li class="job">
      <h2>{job.name}</h2>
      <p class="aside">{job.mode === "apply" ? "deletes by itself" : "plans only"}{job.schedule === undefined ? "" : <>, at <code>{job.schedule}</code> UTC</>}</p>
      <ul>
        {job.repositories.map((repository) => (
          <li key={repository}>
            <span class="repository">{repository}</span>
            <span class="links">
              <a href={writeAddress({ repository })} aria-label={`Tags of ${repository}`}>Tags</a>
              <a href={writeAddress({ repository, view: "plan", job: job.name })} aria-label={`Cleanup plan of ${repository}`}>Cleanup plan</a>
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
