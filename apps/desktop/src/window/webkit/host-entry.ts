import { runWindow } from "./host.ts";

// Ctrl-C is for the process that has the window: it closes it.
process.on("SIGINT", () => {});
process.umask(0o077);
// Which Node takes for its debugger.
process.env.JSC_SIGNAL_FOR_GC ??= "12";
try {
  runWindow();
  process.exit(0);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ is: "failed", why: (error as Error).message })}\n`);
  process.exit(1);
}
