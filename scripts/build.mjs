/** `npm run build`: builds the executables and the page; `-- --if-stale` only where their sources changed. */
import { buildIfStale, installIfNeeded } from "./steps.mjs";

installIfNeeded();
await buildIfStale({ force: !process.argv.includes("--if-stale") });
