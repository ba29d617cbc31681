/** A policy to begin with where no job covers a repository. */
export const FIRST_POLICY = {
  minimumAge: { created: "48h" },
  keep: [{ name: "releases", tags: { semver: ">=0.0.0" }, optional: true }],
  delete: [{ name: "old builds", tags: { glob: "*" }, beyondNewest: { count: 10, by: "created" }, olderThan: { created: "30d" } }],
};
