import { runWindow } from "./host.ts";

// Ctrl-C is for the process that has the window: it closes it.
process.on("SIGINT", () => {});
process.umask(0o077);
try {
  runWindow();
  process.exit(0);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ is: "failed", why: (error as Error).message })}\n`);
  process.exit(1);
}
