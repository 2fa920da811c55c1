import { parseArgs } from "node:util";
import { runRequests } from "./run-requests.ts";
import { watchAnswers } from "./watch-answers.ts";

/**
 * Sends requests that are made up from the document of the HTTP interface to a live node, and ends at the first answer that may
 * not be.
 *
 *     npm run test:requests -- [--runs 100000] [--seed N --path P]
 *
 * Seed and path of a failure lead to it again.
 */

const { values } = parseArgs({
  options: { runs: { type: "string", default: "100000" }, seed: { type: "string" }, path: { type: "string" } },
});

const complaints: string[] = [];
watchAnswers((complaint) => complaints.push(complaint));
const counts = await runRequests({
  runs: Number(values.runs),
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
  ...(values.path !== undefined && { path: values.path }),
  takeComplaints: () => complaints.splice(0),
});
for (const [status, count] of [...counts].sort(([a], [b]) => a - b)) {
  process.stdout.write(`${String(count).padStart(8)} × ${status}\n`);
}
