import { Copy } from "./copy.js";

/** The first characters of a digest, which tell it apart, with the whole of it to copy. */
export function Digest({ digest }: { digest: string }) {
  const hex = digest.slice(digest.indexOf(":") + 1);
  return (
    <span class="digest">
      <code title={digest}>{hex.slice(0, 12)}</code>
      <Copy text={digest} what={`digest ${hex.slice(0, 12)}`} />
    </span>
  );
}
