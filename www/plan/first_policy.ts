/** A policy to begin with where no job covers a repository: it works on a registry that records no push times, too. */
export const FIRST_POLICY = {
  minimumAge: { created: "48h" },
  keep: [{ name: "releases", tags: { regex: "v?[0-9]+[.][0-9]+[.][0-9]+" }, optional: true }],
  delete: [{ name: "old builds", tags: "*", beyondNewest: { count: 10, by: "created" }, olderThan: { created: "30d" } }],
};
