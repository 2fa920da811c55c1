import { JsonText, type RpcValue, writeJson } from "@bitfleet/api/json.ts";
import type { Clock } from "../../ports.ts";

/** After so long others get their turn. */
const TURN_MS = 10;

type Turns = Pick<Clock, "monotonicMs">;

/**
 * An array of what each function makes, written item by item, so that a large answer neither holds up everybody else nor is
 * ever in memory as a tree of objects.
 */
export async function writeInTurns(items: Iterable<() => RpcValue>, clock: Turns): Promise<JsonText> {
  return new JsonText(`[${await joinInTurns(items, (item) => writeJson(item()), clock)}]`);
}

/** As {@link writeInTurns}, an object of named members, of which none is left out. */
export async function writeMembersInTurns(
  members: Iterable<readonly [name: string, value: () => RpcValue]>,
  clock: Turns,
): Promise<JsonText> {
  const text = await joinInTurns(members, ([name, value]) => `${writeJson(name)}:${writeJson(value())}`, clock);
  return new JsonText(`{${text}}`);
}

async function joinInTurns<Item>(items: Iterable<Item>, textOf: (item: Item) => string, clock: Turns): Promise<string> {
  const parts: string[] = [];
  let turnStartMs = clock.monotonicMs();
  for (const item of items) {
    parts.push(textOf(item));
    if (clock.monotonicMs() - turnStartMs > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      turnStartMs = clock.monotonicMs();
    }
  }
  return parts.join(",");
}
