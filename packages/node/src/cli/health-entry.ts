import { runHealth } from "./container-health.ts";
import { leave } from "./process-end.ts";

/** `bitfleet health`, by itself: a probe comes every few seconds, and the rest of the commands takes longer to load than this to answer. */
leave(runHealth(process.argv.slice(3), process.env));
