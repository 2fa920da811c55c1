/**
 * `npm run bench [NAME…]`: runs the benchmarks of bench/ one after the other (all without a name). Peers take part where the
 * environment names them; bench/README.md says how.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { buildIfStale, giveUp, installIfNeeded, ROOT, say } from "./steps.mjs";

const SUFFIX = ".bench.ts";

installIfNeeded();
await buildIfStale();
const known = readdirSync(path.join(ROOT, "bench"))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) giveUp(`no benchmark is named ${unknown.join(", ")}; there are: ${known.join(", ")}`);

let failures = 0;
for (const name of wanted) {
  say(`benchmark ${name} …`);
  const tsx = path.join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const { status } = spawnSync(process.execPath, [tsx, path.join(ROOT, "bench", name + SUFFIX)], { stdio: "inherit" });
  if (status !== 0) failures += 1;
}
process.exit(failures === 0 ? 0 : 1);
