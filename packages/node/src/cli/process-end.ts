import { writeSync } from "node:fs";

const STDERR = 2;
/** How long output to a pipe may take to leave before the process ends anyway. */
const LAST_OUTPUT_MS = 250;

/** Ends the process with the code that `run` comes to, after what it printed has left. */
export async function leave(run: Promise<number>): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", outputFailed);
  process.exitCode = await run;
  // Should anything keep the process alive that ought not to, it ends all the same.
  setTimeout(() => process.exit(), LAST_OUTPUT_MS).unref();
}

/**
 * Who read our output may have read enough (`… | head`): a command just ends, and a node goes on without being read. Where it cannot be
 * written, on a full disk say, what was asked for is not done.
 */
function outputFailed({ code }: NodeJS.ErrnoException): void {
  if (code === "EPIPE") return;
  try {
    writeSync(STDERR, `Error: The output cannot be written (${code}).\n`);
  } catch {
    // It may be that very one.
  }
  process.exit(1);
}
