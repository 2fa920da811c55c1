import { ApiError } from "@bitfleet/api/errors.ts";
import { type InputTrace, TRACE_WEIGHT_MAX } from "@bitfleet/api/rest/input-trace.ts";
import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { scriptFlagsFor } from "@bitfleet/protocol/consensus/deployments.ts";
import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS, scriptFlagNames } from "@bitfleet/protocol/script/flags.ts";
import { opcodeName } from "@bitfleet/protocol/script/opcodes.ts";
import { scriptErrorMessage } from "@bitfleet/protocol/script/script-error.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { traceInput } from "@bitfleet/protocol/script/trace-input.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { coinsFor, type FoundTransaction } from "./find-transaction.ts";
import { type SpentOutput, scriptView } from "./transaction-view.ts";

type Node = Pick<RunningWebNode, "chain" | "mempool" | "indexes" | "secp256k1">;

/** An input of a transaction that was found, run again. Rejects with `ApiError` where it cannot be. */
export async function inputTrace(node: Node, found: FoundTransaction, inputIndex: number): Promise<InputTrace> {
  const { tx } = found;
  checkTraceable(tx, inputIndex);
  if (found.kind === "waiting") return runInput(node, tx, inputIndex, await coinsFor(node, tx));
  return runInput(node, tx, inputIndex, found.spent, scriptFlagsFor(found.block, node.chain.network.params));
}

/** An input of a transaction that is nowhere, which may spend its `parents`, as the mempool would run it. Rejects in the same way. */
export async function pastedTrace(
  node: Node,
  tx: Transaction,
  parents: readonly Transaction[],
  inputIndex: number,
): Promise<InputTrace> {
  checkTraceable(tx, inputIndex);
  const coins = await coinsFor(node, tx);
  const spent = tx.inputs.map(({ previousOutput: { txid, index } }, at) => {
    const output = parents.find((parent) => equalBytes(parent.txid, txid))?.outputs[index];
    return output === undefined ? coins?.[at] : { output, height: undefined, isCoinbase: false };
  });
  const unknownAt = spent.indexOf(undefined);
  if (unknownAt >= 0) {
    const { txid, index } = tx.inputs[unknownAt]!.previousOutput;
    throw new ApiError(
      404,
      `Input ${unknownAt} spends output ${index} of ${displayHash(txid)}, which this node does not know, or which is spent.`,
    );
  }
  return runInput(node, tx, inputIndex, spent);
}

function checkTraceable(tx: Transaction, inputIndex: number): void {
  const txid = displayHash(tx.txid);
  if (isCoinbase(tx)) throw new ApiError(400, "This is a coinbase: it spends nothing, and no script runs for it.");
  if (inputIndex >= tx.inputs.length)
    throw new ApiError(404, `Transaction ${txid} has ${tx.inputs.length} inputs, counted from 0.`);
  if (tx.weight > TRACE_WEIGHT_MAX)
    throw new ApiError(
      400,
      `Transaction ${txid} has ${tx.weight} weight units; ${TRACE_WEIGHT_MAX} at most are traced.`,
    );
}

/** `blockFlags`: the rules of its block; those of what is relayed where it is in none. */
function runInput(
  { chain, secp256k1 }: Node,
  tx: Transaction,
  inputIndex: number,
  coins: readonly (SpentOutput | undefined)[] | undefined,
  blockFlags?: number,
): InputTrace {
  const spent = requireAll(coins, tx.inputs.length);
  const cache = new SighashCache(
    tx,
    spent.map(({ output }) => output),
  );
  const flags = blockFlags ?? STANDARD_SCRIPT_FLAGS;
  const { error, isCut, phases, steps } = traceInput(tx, inputIndex, cache, flags, secp256k1);
  const items = new Items();
  const { output, height, isCoinbase: isOfCoinbase } = spent[inputIndex]!;
  return {
    txid: displayHash(tx.txid),
    input: inputIndex,
    is_confirmed: blockFlags !== undefined,
    flags: scriptFlagNames(flags),
    prevout: {
      value: Number(output.value),
      height: height ?? null,
      is_coinbase: isOfCoinbase,
      script: scriptView(output.scriptPubKey, chain.network.addressPrefixes),
    },
    is_valid: isCut ? null : error === undefined,
    error: error === undefined ? null : { code: error, message: scriptErrorMessage(error) },
    is_cut: isCut,
    phases: phases.map(({ phase, script, stack, stepFrom, stepCount }) => ({
      name: phase,
      script_hex: toHex(script),
      stack: items.indexesOf(stack),
      step_from: stepFrom,
      step_count: stepCount,
    })),
    steps: steps.map((step, index) => ({
      phase: phases.findLastIndex(({ stepFrom }) => stepFrom <= index),
      offset: step.offset,
      size: step.size,
      data_size: step.data.length,
      opcode: step.opcode,
      name: opcodeName(step.opcode),
      is_executed: step.executed,
      open_ifs: step.openIfs,
      is_taken: step.isTaken,
      stack: items.indexesOf(step.stack),
      alt_stack: items.indexesOf(step.altStack),
      error: step.error ?? null,
    })),
    items: items.texts,
  };
}

/** Without one of them, nothing that a taproot signature signs is known. */
function requireAll(spent: readonly (SpentOutput | undefined)[] | undefined, count: number): readonly SpentOutput[] {
  const known = spent?.filter((coin) => coin !== undefined) ?? [];
  if (known.length < count)
    throw new ApiError(
      404,
      "The coins that this transaction spends are not known here any more: its block was pruned.",
    );
  return known;
}

/** Stack items, each once: most stay where they are over many steps. */
class Items {
  readonly texts: string[] = [];
  readonly #byObject = new Map<Uint8Array, number>();
  readonly #byText = new Map<string, number>();

  indexesOf(stack: readonly Uint8Array[]): number[] {
    return stack.map((item) => this.#indexOf(item));
  }

  #indexOf(item: Uint8Array): number {
    const known = this.#byObject.get(item);
    if (known !== undefined) return known;
    const text = toHex(item);
    const index = this.#byText.get(text) ?? this.texts.push(text) - 1;
    this.#byText.set(text, index);
    this.#byObject.set(item, index);
    return index;
  }
}
