// What is shown is written in the address's fragment, so that any view can be linked, and goes to no server.
import { useEffect, useState } from "preact/hooks";

export type View = "tags" | "plan";

export interface Address {
  /** As a client of this host names it, such as `demo/shop/web`; empty on the start page. */
  repository: string;
  view: View;
  /** The job whose policy is planned, where a repository's first one is not meant. */
  job: string;
  /** Shows one verdict only. */
  verdict: string;
  /** Shows what contains these words only. */
  search: string;
  /** A column's name, with `-` in front for descending. */
  sort: string;
}

const START: Address = { repository: "", view: "tags", job: "", verdict: "", search: "", sort: "" };

export function readAddress(fragment: string): Address {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const field = (name: string) => fields.get(name) ?? "";
  return {
    repository: field("repository").replace(/^\/+|\/+$/g, ""),
    view: field("view") === "plan" ? "plan" : "tags",
    job: field("job"),
    verdict: field("verdict"),
    search: field("search"),
    sort: field("sort"),
  };
}

/** The fragment of an address: only what differs from the start page, slashes left readable. */
export function writeAddress(change: Partial<Address>): string {
  const fields = Object.entries({ ...START, ...change }).filter(
    ([name, value]) => value !== START[name as keyof Address],
  );
  return `#${fields.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`).join("&")}`;
}

/** Says where to go: `filter` refines what is shown and makes no step in the browser's history. */
export type Go = (change: Partial<Address>, how?: "visit" | "filter") => void;

export function useAddress(): [Address, Go] {
  const [address, setAddress] = useState(() => readAddress(location.hash));
  useEffect(() => {
    const follow = () => setAddress(readAddress(location.hash));
    addEventListener("hashchange", follow);
    addEventListener("popstate", follow);
    return () => {
      removeEventListener("hashchange", follow);
      removeEventListener("popstate", follow);
    };
  }, []);
  const go: Go = (change, how = "visit") => {
    const next = { ...readAddress(location.hash), ...change };
    const fragment = writeAddress(next);
    if (how === "visit") history.pushState(null, "", fragment);
    else history.replaceState(null, "", fragment);
    setAddress(next);
  };
  return [address, go];
}
