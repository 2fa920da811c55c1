import { bundledPrograms } from "../bundled-programs.ts";
import { runBitcoind } from "../main.ts";
import type { NodePrograms } from "../node.ts";
import { leave } from "./process-end.ts";

leave(run(process.argv.slice(2)));

/** `bitfleet node` goes straight to the node: what the other commands need is not even read. */
async function run(args: readonly string[]): Promise<number> {
  const programs: NodePrograms = {
    ...bundledPrograms(import.meta.url),
    networkControl: async (folder, self) =>
      (await import("../network/network-control-of.ts")).networkControlOf(folder, self),
  };
  if (args[0] === "node") {
    if (process.env.BITFLEET_ENDS_WITH === "stdin") endWithParent();
    return runBitcoind(args.slice(1), programs);
  }
  const { runBitfleet } = await import("./bitfleet.ts");
  return runBitfleet(args, programs);
}

/** The parent holds the other end of our input: where it closes, the parent is gone, however it went. */
function endWithParent(): void {
  process.stdin.resume().once("end", () => process.kill(process.pid, "SIGTERM"));
}
