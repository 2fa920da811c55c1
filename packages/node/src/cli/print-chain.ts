import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { call, type NamedTarget } from "../network/operations.ts";
import { RpcError } from "../network/rpc-client.ts";

/** With who was paid what by the outputs that are spent, where the node still knows. */
const VERBOSITY_WITH_SPENT = 3;
/** Core's code for blocks that were pruned. */
const NOT_AVAILABLE = -1;
/**
 * Of the whole chain, no more is in memory at a time: each block is written before the next is asked for, so that whoever reads slowly is
 * waited for.
 */
const BLOCKS_IN_MEMORY_MAX = 1;

/** Takes text; resolves to whether anybody still reads. */
export type ChainWriter = (text: string) => Promise<boolean>;

/**
 * `bitfleet printchain`: the blocks of the node's chain from the tip to the first, at most `count`. They are followed by their hashes: what
 * is printed is one chain, whatever happens meanwhile. Rejects with `Error`.
 */
export async function printChain(node: NamedTarget, count: number, write: ChainWriter): Promise<void> {
  let hash: JsonValue | undefined = await call(node, "getbestblockhash");
  for (let printed = 0; printed < count && typeof hash === "string"; printed += BLOCKS_IN_MEMORY_MAX) {
    const block = await blockOf(node, hash);
    if (block === undefined) {
      await write("The blocks below are pruned.\n");
      return;
    }
    if (!(await write(blockText(block)))) return;
    hash = block.get("previousblockhash");
  }
}

/** `undefined` where it was pruned. */
async function blockOf(node: NamedTarget, hash: string): Promise<JsonObject | undefined> {
  try {
    const block = await call(node, "getblock", hash, VERBOSITY_WITH_SPENT);
    if (block instanceof JsonObject) return block;
    throw new Error(`${node.name} answers getblock with no object`);
  } catch (error) {
    if (error instanceof RpcError && error.code === NOT_AVAILABLE && error.message.includes("pruned")) return undefined;
    throw error;
  }
}

function blockText(block: JsonObject): string {
  const transactions = objectsOf(block.get("tx"));
  const time = new Date(Number(textOf(block.get("time"))) * 1000).toISOString().replace(".000Z", "Z");
  const facts = [
    time,
    `${transactions.length} tx`,
    `${textOf(block.get("size"))} bytes`,
    `bits ${textOf(block.get("bits"))}`,
  ];
  return [
    `Block ${textOf(block.get("height"))}  ${textOf(block.get("hash"))}`,
    `  ${facts.join(", ")}`,
    ...transactions.flatMap(transactionLines),
    "\n",
  ].join("\n");
}

function transactionLines(transaction: JsonObject): readonly string[] {
  return [
    `  ${textOf(transaction.get("txid"))}`,
    ...objectsOf(transaction.get("vin")).map(inputLine),
    ...objectsOf(transaction.get("vout")).map((output) => `    out ${paymentText(output)}`),
  ];
}

function inputLine(input: JsonObject): string {
  if (input.get("coinbase") !== undefined) return "    in  new coins and fees";
  const spent = input.get("prevout");
  const what = spent instanceof JsonObject ? paymentText(spent) : "";
  return `    in  ${what}${what === "" ? "" : "  "}${textOf(input.get("txid"))}:${textOf(input.get("vout"))}`;
}

/** What an output has, and who has it: its address, or what kind of script it is. */
function paymentText(output: JsonObject): string {
  const script = output.get("scriptPubKey");
  const who = script instanceof JsonObject ? (script.get("address") ?? script.get("type")) : undefined;
  return `${textOf(output.get("value"))} BTC  ${textOf(who)}`;
}

const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((one) => one instanceof JsonObject) : [];

/** Numbers by the digits that the node has sent. */
const textOf = (value: JsonValue | undefined): string =>
  value instanceof JsonNumber ? value.text : typeof value === "string" ? value : "?";

/** To standard output, of which as much is waiting as one block takes. */
export const toStandardOutput: ChainWriter = (text) =>
  new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });
