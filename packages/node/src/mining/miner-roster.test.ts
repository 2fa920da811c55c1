import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";
import { describe, expect, test } from "vitest";
import { MinerRoster, minerIdOf } from "./miner-roster.ts";

const OWN = "000000000000";
const idOf = (index: number) => minerIdOf(`miner ${index}`);

/** A block with that script in its coinbase. */
function blockWith(...pushes: readonly Uint8Array[]) {
  const previousOutput = { txid: ZERO_HASH as Txid, index: 0xffffffff };
  const input = { previousOutput, scriptSig: concatBytes(...pushes.map(pushData)), sequence: 0, witness: [] };
  return { transactions: [new Transaction({ version: 2, inputs: [input], outputs: [], lockTime: 0 })] };
}

const blockOf = (id: string) => blockWith(Uint8Array.of(1, 2), new MinerRoster(id).tag);
const unpaced = blockWith(Uint8Array.of(1, 2), Uint8Array.of(3));

function rosterOf(...blocks: readonly ReturnType<typeof blockOf>[]): MinerRoster {
  const roster = new MinerRoster(OWN);
  roster.reset(blocks);
  return roster;
}

const times = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));

describe("the miners of a chain", () => {
  test("are this one alone where the blocks show none", () => {
    expect(rosterOf().minerCount).toBe(1);
    expect(rosterOf(...times(40, () => unpaced)).minerCount).toBe(1);
    expect(rosterOf(...times(40, () => blockOf(OWN))).minerCount).toBe(1);
  });

  test("are counted once each, this one among them whether or not it found a block", () => {
    expect(rosterOf(blockOf(idOf(1))).minerCount).toBe(2);
    expect(rosterOf(blockOf(idOf(1)), blockOf(OWN), blockOf(idOf(1)), blockOf(idOf(2))).minerCount).toBe(3);
    expect(rosterOf(...times(60, (index) => blockOf(idOf(index % 30)))).minerCount).toBe(31);
  });

  test("are forgotten behind sixteen blocks, or eight for each miner", () => {
    const gone = blockOf(idOf(9));
    expect(rosterOf(gone, ...times(15, () => blockOf(OWN))).minerCount).toBe(2);
    expect(rosterOf(gone, ...times(16, () => blockOf(OWN))).minerCount).toBe(1);
    const three = (count: number) => times(count, (index) => blockOf([OWN, idOf(1), idOf(2)][index % 3]!));
    expect(rosterOf(gone, ...three(23)).minerCount).toBe(4);
    expect(rosterOf(gone, ...three(24)).minerCount).toBe(3);
  });

  test("are not forgotten for blocks that no paced miner made", () => {
    expect(rosterOf(blockOf(idOf(1)), ...times(100, () => unpaced)).minerCount).toBe(2);
    // Until there are so many that the block is not kept.
    expect(rosterOf(blockOf(idOf(1)), ...times(511, () => unpaced)).minerCount).toBe(2);
    expect(rosterOf(blockOf(idOf(1)), ...times(512, () => unpaced)).minerCount).toBe(1);
  });

  test("change with the tip, back and forth", () => {
    const roster = rosterOf(blockOf(OWN));
    roster.connected(blockOf(idOf(1)));
    expect(roster.minerCount).toBe(2);
    roster.disconnected();
    expect(roster.minerCount).toBe(1);
    for (let index = 0; index < 5; index++) roster.disconnected();
    expect(roster.minerCount).toBe(1);
  });

  test("write numbers that differ by place and stay the same, and no push but a whole tag is one", () => {
    expect(minerIdOf("host:/data")).toBe(minerIdOf("host:/data"));
    expect(minerIdOf("host:/data")).not.toBe(minerIdOf("host:/other"));
    const { tag } = new MinerRoster(idOf(1));
    for (const push of [tag.subarray(1), concatBytes(tag, Uint8Array.of(0)), Uint8Array.from(tag).fill(0x41, 0, 1)]) {
      expect(rosterOf(blockWith(push)).minerCount).toBe(1);
    }
    // A push that goes on behind the script's end.
    const cut = blockWith();
    const [coinbase] = cut.transactions;
    const broken = new Transaction({
      ...coinbase!,
      inputs: [{ ...coinbase!.inputs[0]!, scriptSig: Uint8Array.of(75) }],
    });
    expect(rosterOf({ transactions: [broken] }).minerCount).toBe(1);
    expect(rosterOf({ transactions: [] }).minerCount).toBe(1);
  });
});
