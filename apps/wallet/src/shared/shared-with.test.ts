import { expect, test } from "vitest";
import type { CosignerSummary, WalletSummary } from "../session/records.ts";
import { freeAccount, sharedWith } from "./shared-with.ts";

const cosigner = (ownerId: string | undefined, path: string): CosignerSummary => {
  return { key: "tpub", fingerprint: "73c5da0a", path, text: "", name: "", owner: ownerId, ownerId };
};
const wallet = (name: string, ...cosigners: CosignerSummary[]): WalletSummary => ({
  id: name,
  name,
  kind: "watch",
  networkId: "n",
  gapLimit: 20,
  removedCount: 0,
  shared: cosigners.length === 0 ? undefined : { required: 1, cosigners, descriptor: "", isUsual: true },
  accounts: [],
});

test("the wallets that some words sign for, and the first account number that shares nothing yet", () => {
  const wallets = [
    wallet("Mine"),
    wallet("A", cosigner("w", "/48h/1h/0h/2h"), cosigner(undefined, "/48h/1h/1h/2h")),
    wallet("B", cosigner("v", "/48h/1h/1h/2h")),
    wallet("C", cosigner("w", "/48h/0h/2h/2h"), cosigner("w", "/87h/1h/1h")),
  ];
  expect(sharedWith(wallets, "w")).toEqual(["A", "C"]);
  expect(sharedWith(wallets, "u")).toEqual([]);
  expect(freeAccount(wallets, "w")).toBe(1);
  expect(freeAccount(wallets, "v")).toBe(0);
  expect(freeAccount([...wallets, wallet("D", cosigner("w", "/48h/1h/1h/2h"))], "w")).toBe(3);
});
