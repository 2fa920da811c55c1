/** `npm test`: installs and builds what is missing, then runs every test; arguments behind `--` go to Vitest. */
import path from "node:path";
import { become, buildIfStale, installIfNeeded, ROOT, say } from "./steps.mjs";

installIfNeeded();
await buildIfStale();
say("running the tests …");
process.env.INIT_CWD = ROOT;
become(process.execPath, [path.join(ROOT, "node_modules/vitest/vitest.mjs"), "run", ...process.argv.slice(2)]);
