// A client's token. It lives in this page's memory only: a reload forgets it.
import { connect, type Repository } from "portreeve";

/** The token decides who it is; the Worker takes any user name beside it. */
const USER = "page";

/** A repository, read through the Worker that served this page. */
export function open(repository: string, token: string | undefined): Repository {
  return connect(location.host, {
    plainHttp: location.protocol === "http:",
    ...(token === undefined ? {} : { credential: { username: USER, password: token } }),
  }).repository(repository);
}

/** The headers for a request to the Worker's own API. */
export function headers(token: string | undefined): Record<string, string> {
  if (token === undefined) return {};
  const bytes = new TextEncoder().encode(`${USER}:${token}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
