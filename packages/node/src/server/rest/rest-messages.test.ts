import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { payToPublicKeyHash, payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { type ShownCoin, signBip322Proof } from "@bitfleet/wallet/signing/bip322-proof.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asAdmin, openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

const { addressPrefixes } = regtestNetwork();
const MESSAGE = "These are mine.";

describe("proofs of funds (BIP322), held against the chain", () => {
  const privateKey = new Uint8Array(32).fill(5);
  const keyHash = hash160(portableSecp256k1.publicKeyOf(privateKey, true));
  const legacy = payToPublicKeyHash(keyHash);
  const segwit = payToWitnessPublicKeyHash(keyHash);
  const address = encodeAddress(segwit, addressPrefixes)!;
  const material = new SigningMaterial();
  material.addPrivateKey({ privateKey, compressed: true }, portableSecp256k1);
  let rest: RestTestNode;
  let coins: { readonly legacy: Transaction; readonly segwit: Transaction; readonly foreign: Transaction };

  beforeAll(async () => {
    rest = await openRestTestNode({ hasIndexes: false });
    coins = {
      legacy: await minedTo(legacy),
      segwit: await minedTo(segwit),
      foreign: await minedTo(payToWitnessPublicKeyHash(new Uint8Array(20).fill(9))),
    };
  });
  afterAll(() => rest.close());

  async function minedTo(script: Uint8Array): Promise<Transaction> {
    const body = { address: encodeAddress(script, addressPrefixes)!, nblocks: 1 };
    const url = "/api/admin/mining/generatetoaddress";
    await rest.data("generateToAddress", asAdmin("POST", url, body));
    const { chain } = rest.node;
    return (await chain.readBlock(chain.tip))!.transactions[0]!;
  }

  const verdictOn = (shown: readonly ShownCoin[]) => {
    const signature = signBip322Proof({ message: MESSAGE, script: segwit }, shown, material, portableSecp256k1)!;
    return rest.data("verifyMessage", posted("/api/v1/messages/verify", { address, message: MESSAGE, signature }));
  };
  const whole = (transaction: Transaction): ShownCoin => ({
    outPoint: { txid: transaction.txid, index: 0 },
    transaction,
  });
  const nameOf = ({ txid }: Transaction) => `${displayHash(txid)}:0`;

  test("coins of all kinds that are there are listed", async () => {
    const output = coins.segwit.outputs[0]!;
    const shown = [whole(coins.legacy), { outPoint: { txid: coins.segwit.txid, index: 0 }, output }];
    expect(await verdictOn(shown)).toEqual({
      ...{ is_valid: true, status: "valid", format: "bip322", reason: null, lock_time: 0, sequence: 0 },
      coins: [coins.legacy, coins.segwit].map(({ txid, outputs }) => ({
        ...{ txid: displayHash(txid), vout: 0, value: Number(outputs[0]!.value) },
      })),
    });
  });

  test("a proof without a coin proves the address alone", async () => {
    expect(await verdictOn([])).toMatchObject({ is_valid: true, coins: [] });
  });

  // Its signatures are right: what they commit to is what the proof says of the coin.
  test.each([
    [
      "of another, said to be one's own",
      () => coins.foreign,
      (output: TxOutput) => ({ ...output, scriptPubKey: segwit }),
    ],
    ["worth less than is said", () => coins.segwit, (output: TxOutput) => ({ ...output, value: output.value + 1n })],
  ])("a coin %s is found out", async (_what, coin, change) => {
    const shown = [{ outPoint: { txid: coin().txid, index: 0 }, output: change(coin().outputs[0]!) }];
    expect(await verdictOn(shown)).toMatchObject({
      ...{ is_valid: false, status: "invalid", coins: [] },
      reason: `The coin ${nameOf(coin())} is another than the proof says.`,
    });
  });

  test("a coin that is not there is none", async () => {
    const shown = [{ outPoint: { txid: coins.segwit.txid, index: 7 }, output: coins.segwit.outputs[0]! }];
    expect((await verdictOn(shown)).reason).toBe(
      `The coin ${displayHash(coins.segwit.txid)}:7 is spent, or never was in the chain.`,
    );
  });

  test("a proof that does not say what a coin without witness is worth is refused", async () => {
    const shown = [{ outPoint: { txid: coins.legacy.txid, index: 0 }, output: coins.legacy.outputs[0]! }];
    expect((await verdictOn(shown)).reason).toBe("The proof does not say what its input 1 spends.");
  });
});
