import { bundledPrograms } from "../bundled-programs.ts";
import { runBitcoind } from "../main.ts";
import type { NodePrograms } from "../node.ts";
import { leave } from "./process-end.ts";
import { readStartNode } from "./start-node.ts";

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
  if (args[0] === "startnode" && !/^(-h|--help)?$/.test(args[1] ?? "")) return startNode(args.slice(1), programs);
  const { runBitfleet } = await import("./bitfleet.ts");
  return runBitfleet(args, programs);
}

/** `bitfleet startnode`: a node that has the same variables as a container with what the words say. */
async function startNode(words: readonly string[], programs: NodePrograms): Promise<number> {
  try {
    const { variables, options } = readStartNode(words, process.env);
    Object.assign(process.env, variables);
    return await runBitcoind(options, programs);
  } catch (error) {
    process.stderr.write(`Error: ${(error as Error).message}\n`);
    return 1;
  }
}

/** The parent holds the other end of our input: where it closes, the parent is gone, however it went. */
function endWithParent(): void {
  process.stdin.resume().once("end", () => process.kill(process.pid, "SIGTERM"));
}
