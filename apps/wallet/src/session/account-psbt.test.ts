import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { fillPsbt } from "@bitfleet/wallet/psbt/fill.ts";
import { keychainMaterials } from "@bitfleet/wallet/psbt/keychain-materials.ts";
import { createPsbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { allAtOnce } from "@bitfleet/wallet/steps.ts";
import { expect, test } from "vitest";
import type { HistoryContext } from "./account-history.ts";
import { psbtSummary } from "./account-psbt.ts";

const context = { prefixes: networkByName("regtest")!.addressPrefixes, secp256k1: nobleSecp256k1 };
const phrase = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };
const FINGERPRINTS = new Set(["73c5da0a"]);
const WPKH = 3;

const [here, there] = [0, 1].map(
  (index) =>
    new CustodyAccount(newAccount(phraseDescriptors(phrase, index, context.prefixes)), { signs: true }, context),
) as [CustodyAccount, CustodyAccount];

/** What the first account is told of a payment out of coins of these accounts. */
function warningsOf(...accounts: readonly CustodyAccount[]): readonly string[] {
  const inputs = accounts.map((_, index) => {
    const previousOutput = { txid: new Uint8Array(32).fill(7) as Txid, index };
    return { previousOutput, scriptSig: new Uint8Array(0), sequence: 0, witness: [] };
  });
  const outputs = [{ value: 9_000n, scriptPubKey: here.scriptAt(WPKH, 5)! }];
  const blank = createPsbt({ version: 2, inputs, outputs, lockTime: 0 }, { version: 0 });
  let psbt = {
    ...blank,
    inputs: blank.inputs.map((input, index) => {
      return { ...input, witnessUtxo: { value: 10_000n, scriptPubKey: accounts[index]!.scriptAt(WPKH, index)! } };
    }),
  };
  // Each input says whose key it asks for.
  for (const { keychain } of accounts)
    psbt = fillPsbt(psbt, keychainMaterials(keychain), { sign: false, finalize: false }, context.secp256k1)
      .psbt as typeof psbt;
  const keeper = { custody: here, addressLabels: new Map() } as unknown as HistoryContext["keeper"];
  return allAtOnce(psbtSummary(psbt, FINGERPRINTS, [], { keeper, contacts: [] })).warnings;
}

test("coins of another wallet that is here, put beside those of the account by whoever passes a payment on, are warned of", () => {
  const foreign = /^It spends coins of others, too, for which keys of this device would sign/;
  const among = (warnings: readonly string[]) => warnings.filter((warning) => foreign.test(warning)).length;
  expect(among(warningsOf(here, there))).toBe(1);
  expect(among(warningsOf(here, here))).toBe(0);
  // Where nothing is of the account, that is said instead.
  expect(among(warningsOf(there))).toBe(0);
});
