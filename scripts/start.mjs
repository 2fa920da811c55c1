/** `npm start`: installs and builds what is missing, then runs `bitfleet up` with the arguments behind `--`. */
import path from "node:path";
import { become, buildIfStale, installIfNeeded, ROOT } from "./steps.mjs";

installIfNeeded();
await buildIfStale();
become(process.execPath, [path.join(ROOT, "packages/node/bin/bitfleet"), "up", ...process.argv.slice(2)]);
