import { JsonText, type RpcValue, writeJson } from "@bitfleet/api/json.ts";
import type { Clock } from "../ports.ts";

/** After so long others get their turn. */
const TURN_MS = 10;

/**
 * An array of what each function makes, written item by item, so that a large answer neither holds up everybody else nor is
 * ever in memory as a tree of objects.
 */
export async function writeInTurns(
  items: readonly (() => RpcValue)[],
  clock: Pick<Clock, "monotonicMs">,
): Promise<JsonText> {
  const parts: string[] = [];
  let turnStartMs = clock.monotonicMs();
  for (const item of items) {
    parts.push(writeJson(item()));
    if (clock.monotonicMs() - turnStartMs > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      turnStartMs = clock.monotonicMs();
    }
  }
  return new JsonText(`[${parts.join(",")}]`);
}
