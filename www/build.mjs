// Builds the page into build/www: `node www/build.mjs [--release]`, after npm/build.mjs, whose package it bundles.
import { cp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "../build/www");
const require = createRequire(import.meta.url);
const release = process.argv.includes("--release");

types();
await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await Promise.all([
  build({
    entryPoints: [join(here, "main.tsx"), join(here, "main.css")],
    outdir: output,
    bundle: true,
    // the cleanup engine is loaded when somebody plans
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: release,
    legalComments: "none",
    logLevel: "warning",
    absWorkingDir: here,
  }),
  ...["index.html", "favicon.svg", "_headers"].map((file) => cp(join(here, file), join(output, file))),
  // what is bundled and asks to be named
  cp(join(dirname(require.resolve("preact/package.json")), "LICENSE"), join(output, "preact-license.txt")),
]);

function types() {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "--project", join(here, "tsconfig.json")], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
