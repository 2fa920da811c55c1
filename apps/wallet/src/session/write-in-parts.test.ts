import type { VaultChange } from "@bitfleet/vault/vault.ts";
import { expect, test } from "vitest";
import { writeInParts } from "./write-in-parts.ts";

const change = (key: number): VaultChange => ({ collection: "labels", key: String(key), value: "x" });

/** A vault that notes the keys of each write. */
function noting() {
  const writes: string[][] = [];
  return { writes, write: async (changes: readonly VaultChange[]) => void writes.push(changes.map(({ key }) => key)) };
}

test("what a vault takes at once is one write", async () => {
  const vault = noting();
  await writeInParts(vault, [change(1), change(2), change(3)]);
  expect(vault.writes).toEqual([["1", "2", "3"]]);
});

test("parts are written in their order, with a turn for others behind each that is due", async () => {
  const vault = noting();
  let turns = 0;
  const give = async () => {
    turns++;
  };
  const changes = [1, 2, 3, 4, 5].map(change);
  await writeInParts(vault, changes, { changesMax: 2, turns: { isDue: () => vault.writes.length !== 2, give } });
  expect(vault.writes).toEqual([["1", "2"], ["3", "4"], ["5"]]);
  expect(turns).toBe(2);
});

test("nothing to write is one write of nothing, which vaults take", async () => {
  const vault = noting();
  await writeInParts(vault, []);
  expect(vault.writes).toEqual([[]]);
});
