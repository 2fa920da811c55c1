import {
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "@bitfleet/protocol/script/templates.ts";
import { expect, test } from "vitest";
import { type AddressType, changeTypeFor } from "./change-type.ts";

const [short, long] = [new Uint8Array(20), new Uint8Array(32).fill(1)];
const scripts = {
  pkh: payToPublicKeyHash(short),
  sh: payToScriptHash(short),
  wpkh: payToWitnessPublicKeyHash(short),
  wsh: payToWitnessScriptHash(long),
  tr: payToTaproot(long),
};
const ALL: readonly AddressType[] = ["legacy", "p2sh-segwit", "bech32", "bech32m"];
const DEFAULT = { addressType: "bech32", changeType: undefined } as const;

test.each([
  ["taproot before all", ["pkh", "sh", "wpkh", "tr"], ALL, "bech32m"],
  ["a witness key hash before script hashes", ["pkh", "sh", "wpkh"], ALL, "bech32"],
  ["a script hash before key hashes", ["pkh", "sh"], ALL, "p2sh-segwit"],
  ["a key hash", ["pkh"], ALL, "legacy"],
  ["the most modern for others", ["wsh"], ALL, "bech32m"],
  ["what there is, where the recipient's type is missing", ["tr"], ["legacy", "bech32"], "bech32"],
  ["the next recipient's, where the first one's is missing", ["wpkh", "pkh"], ["legacy", "bech32m"], "legacy"],
  ["the wallet's address type, where nothing else is there", ["pkh"], ["p2sh-segwit"], "bech32"],
] as const)("%s", (_, recipients, active, expected) => {
  const outputs = recipients.map((name) => ({ scriptPubKey: scripts[name] }));
  const hasType = (type: AddressType) => (active as readonly AddressType[]).includes(type);
  expect(changeTypeFor(outputs, undefined, DEFAULT, hasType)).toBe(expected);
});

test("what is asked for or set goes before", () => {
  const tr = [{ scriptPubKey: scripts.tr }];
  const every = () => true;
  expect(changeTypeFor(tr, "legacy", { ...DEFAULT, changeType: "bech32" }, every)).toBe("legacy");
  expect(changeTypeFor(tr, undefined, { ...DEFAULT, changeType: "bech32" }, every)).toBe("bech32");
  expect(changeTypeFor(tr, undefined, { ...DEFAULT, addressType: "legacy" }, every)).toBe("legacy");
});
