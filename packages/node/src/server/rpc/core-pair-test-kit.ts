/** What tests beside Bitcoin Core have in common: one chain for both, and the same question to both. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { expect } from "vitest";
import { GENESIS, mine, mineMany, NETWORK, type Tip } from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";

/** What each output that is there to be spent is worth. */
export const FUNDED_SATS = 100_000n;

/** Says on the terminal that a suite is left out where there is no bitcoind to ask. */
export function tellIfSkipped(suite: string): void {
  if (BITCOIND === undefined) process.stdout.write(`${suite}: skipped, CORE_BITCOIND names no bitcoind\n`);
}

/** The first outputs of a descriptor, of each of its multipath variants. */
export function scriptsOf(text: string): readonly Uint8Array[] {
  const parsed = parseDescriptor(text, { prefixes: NETWORK.addressPrefixes, secp256k1: portableSecp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  const context = { secp256k1: portableSecp256k1, secrets: parsed.secrets };
  return parsed.descriptors.flatMap((descriptor) => expandDescriptor(descriptor, 0, context)!.scripts);
}

export interface FundedChain {
  readonly tips: readonly Tip[];
  /** The transaction that pays to the scripts, and the place of the first of them among its outputs. */
  readonly txid: string;
  readonly firstVout: number;
}

/** A chain whose first block pays to scripts, {@link FUNDED_SATS} each, with some blocks on top. */
export function fundedChain(scripts: readonly Uint8Array[], blocksOnTop: number): FundedChain {
  const outputs = scripts.map((scriptPubKey) => ({ value: FUNDED_SATS, scriptPubKey }));
  const first = mine(GENESIS, {
    coinbaseValue: 4_000_000_000n,
    spoil: ([coinbase, ...rest]) => [
      new Transaction({ ...coinbase!, outputs: [...coinbase!.outputs, ...outputs] }),
      ...rest,
    ],
  });
  const [funding] = first.block.transactions;
  return {
    tips: [first, ...mineMany(first, blocksOnTop)],
    txid: displayHash(funding!.txid),
    firstVout: funding!.outputs.length - outputs.length,
  };
}

export interface CorePair {
  readonly node: TestNode;
  readonly core: Core;
  /** Our answer to a call, which must be Core's to the letter, error or not. */
  expectSame(method: string, params?: unknown): Promise<string>;
  close(): Promise<void>;
}

/** A node of ours and one of Core, with the same blocks. */
export async function openCorePair(tips: readonly Tip[]): Promise<CorePair> {
  const folders = await Promise.all(["ours", "theirs"].map((name) => mkdtemp(join(tmpdir(), `bitfleet-${name}-`))));
  const node = await openTestNode(folders[0]!, tips);
  const core = await Core.start(folders[1]!);
  for (const { block } of tips) await core.resultText("submitblock", [toHex(block.bytes)]);
  expect(await core.resultText("getblockcount")).toBe(String(tips.length));
  return {
    ...{ node, core },
    expectSame: async (method, params = []) => {
      const ours = await node.resultText(method, params);
      expect(ours, `${method} ${JSON.stringify(params)}`).toBe(await core.resultText(method, params));
      return ours;
    },
    close: async () => {
      await node.close();
      await core.stop();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}
