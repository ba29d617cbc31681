import { RegistryError } from "portreeve";
import { Icon } from "./icon.js";
import { SignIn } from "./sign_in.js";

/** What went wrong while something was done (`Reading the tags`), and what to do about it. */
export function Failure({ doing, error, onAgain, onToken }: {
  doing: string;
  error: unknown;
  onAgain: () => void;
  onToken: (token: string) => void;
}) {
  const code = error instanceof RegistryError ? error.code : "internal";
  const refused = code === "unauthorized" || code === "denied";
  return (
    <section class="notice failed" role="alert">
      <h2>
        <Icon name={refused ? "blocked" : "warning"} />
        {refused ? "Access denied" : `${doing} failed`}
      </h2>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <p class="next">{NEXT[code] ?? "Try again; if it stays, the Worker's log has more."}</p>
      {refused ? <SignIn onToken={onToken} /> : null}
      <p class="actions">
        <button type="button" onClick={onAgain}>Try again</button>
        <code class="code">{code}</code>
      </p>
    </section>
  );
}

const NEXT: Record<string, string> = {
  unauthorized: "Sign in as a client that has a grant for it.",
  denied: "This client has no grant for it. Sign in as another one, or add a grant in portreeve.json.",
  not_found: "Check the spelling. A repository's name here starts with its upstream, as in demo/shop/web.",
  invalid_reference: "A repository's name here starts with its upstream and is lower case, as in demo/shop/web.",
  throttled: "The registry asks for a pause. Wait a minute, then try again.",
  timeout: "The registry took too long. Try again, or ask it directly to see whether it is up.",
  unreachable: "Check that the Worker and the registry behind it are running, then try again.",
  upstream_error: "The registry behind the Worker answered with an error. Try again, or look at its own log.",
  incomplete_listing: "Without the whole list nothing may be decided. Try again when the registry is quiet.",
  too_large: "This repository is too large to be planned in a browser. Plan it with npx portreeve plan.",
};
