import { useState } from "preact/hooks";
import { Icon } from "./icon.js";

/** Copies a text. Not there where the browser lends no clipboard (plain http beyond localhost). */
export function Copy({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  if (navigator.clipboard === undefined) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" class={copied ? "copy copied" : "copy"} onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      <Icon name={copied ? "keep" : "copy"} />
      <span class="unseen" role="status">{copied ? "Copied" : ""}</span>
    </button>
  );
}
