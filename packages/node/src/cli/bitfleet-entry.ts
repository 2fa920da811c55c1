import { runBitcoind } from "../main.ts";
import { bundledPrograms, leave } from "./process-end.ts";

leave(run(process.argv.slice(2)));

/** `bitfleet node` goes straight to the node: what the other commands need is not even read. */
async function run(args: readonly string[]): Promise<number> {
  const programs = bundledPrograms(import.meta.url);
  if (args[0] === "node") return runBitcoind(args.slice(1), programs);
  const { runBitfleet } = await import("./bitfleet.ts");
  return runBitfleet(args, programs);
}
