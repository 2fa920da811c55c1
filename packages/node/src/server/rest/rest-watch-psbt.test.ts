import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeTransaction, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { addPrivateKeys, expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { accountDescriptors, masterKeyOf } from "@bitfleet/wallet/keys/accounts.ts";
import { psbtFromBase64, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { fillPsbt, sameMaterial } from "@bitfleet/wallet/psbt/fill.ts";
import { createPsbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, KEY_SCRIPT, mine, mineMany, NETWORK, submitAll, type Tip } from "../../chain/test-kit.ts";
import { mineTo } from "../../indexes/address-test-kit.ts";
import { openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

/** Paying from descriptors whose keys the node never has: built, signed apart, finalized, sent and mined. */

const { addressPrefixes: prefixes } = NETWORK;
const context = { prefixes, secp256k1: portableSecp256k1 };
const [MASTER = "", OTHER = ""] = [5, 6].map((byte) => masterKeyOf(new Uint8Array(32).fill(byte), prefixes));
const RECIPIENT = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/** Both chains of an account as one descriptor. */
function accountText(purpose: 44 | 49 | 84 | 86): string {
  const found = accountDescriptors({ master: MASTER }, { purpose, coinType: 1, account: 0 }, prefixes);
  if ("error" in found) throw new Error(found.error);
  return withChecksum(found.external.replace(/#.*$/, "").replace("/0/*", "/<0;1>/*"));
}

/** Of two people, and the private halves of each. */
function sharedText(): string {
  const keys = [MASTER, OTHER].map((master) => {
    const found = accountDescriptors({ master }, { purpose: 84, coinType: 1, account: 7 }, prefixes);
    return (found as { external: string }).external.replace(/^wpkh\(|\/0\/\*\)#.*$/g, "");
  });
  return withChecksum(`wsh(sortedmulti(2,${keys.map((key) => `${key}/<0;1>/*`).join(",")}))`);
}

const DESCRIPTORS = [accountText(84), accountText(86), accountText(49), accountText(44), sharedText()];

function parsedOf(text: string) {
  const parsed = parseDescriptor(text, context);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed;
}

const scriptAt = (text: string, variant: number, index: number) =>
  expandDescriptor(parsedOf(text).descriptors[variant]!, index, { ...context, secrets: new SigningMaterial() })!
    .scripts[0]!;

/** What one person's device has: the private keys of the first indexes. */
function deviceOf(master: string): SigningMaterial {
  const material = new SigningMaterial();
  for (const purpose of [44, 49, 84, 86]) {
    for (const account of [0, 7]) {
      for (const chain of [0, 1]) {
        const { descriptors, secrets } = parsedOf(`wpkh(${master}/${purpose}h/1h/${account}h/${chain}/*)`);
        for (let index = 0; index < 3; index++)
          addPrivateKeys(descriptors[0], index, { ...context, secrets }, material);
      }
    }
  }
  return material;
}

let rest: RestTestNode;
let tips: Tip[];
beforeAll(async () => {
  tips = [GENESIS];
  for (let made = 0; made < 15; made++) {
    tips.push(mineTo(scriptAt(DESCRIPTORS[made % 5]!, 0, Math.floor(made / 5)), tips.at(-1)!));
  }
  tips.push(...mineMany(tips.at(-1)!, 110));
  rest = await openRestTestNode({ tips: tips.slice(1) });
}, 120_000);
afterAll(() => rest?.close());

const build = (body: object) => posted("/api/v1/watch/psbt", body);
const finalize = (...psbts: string[]) => posted("/api/v1/watch/psbt/finalize", { psbts });
const of = (...texts: string[]) => texts.map((descriptor) => ({ descriptor }));
const pay = (sats: number, more: object = {}) => [{ address: RECIPIENT, sats, ...more }];

function signedBy(master: string, text: string): string {
  const psbt = psbtFromBase64(text, portableSecp256k1);
  const filled = fillPsbt(psbt, sameMaterial(deviceOf(master)), { finalize: false }, portableSecp256k1);
  expect(filled.error).toBeUndefined();
  return psbtToBase64(filled.psbt);
}

describe("a payment", () => {
  test.each(DESCRIPTORS.map((text, index) => [text.slice(0, text.indexOf("(")), index] as const))(
    "from %s (%i) is built, signed apart, put together, sent and mined",
    { timeout: 60_000 },
    async (_, position) => {
      const text = DESCRIPTORS[position]!;
      const sats = 1_234_567_890;
      const request = { descriptors: of(text), outputs: pay(sats), feerate_sat_per_kvb: 3000 };
      const built = await rest.data("buildPsbt", build({ ...request, psbt_version: position % 2 === 0 ? 0 : 2 }));
      expect(built.change_address).toBe(encodeAddress(scriptAt(text, 1, 0), prefixes));
      const psbt = psbtFromBase64(built.psbt, portableSecp256k1);
      expect(psbt.version).toBe(position % 2 === 0 ? 0 : 2);
      const origins = [...psbt.inputs, psbt.outputs[built.change_index!]!];
      for (const one of origins) expect(one.derivations.size + one.taprootDerivations.size).toBeGreaterThan(0);

      const unsigned = await rest.data("finalizePsbt", finalize(built.psbt));
      expect(unsigned).toMatchObject({ is_complete: false, hex: null, acceptance: null });
      expect(unsigned.unsigned_inputs).toEqual(psbt.inputs.map((__, index) => index));
      // What it would do is told all the same, and what each input wants.
      expect(unsigned).toMatchObject({ next: "signer", problem: null, decoded: { fee: built.fee } });
      for (const input of unsigned.inputs)
        expect(input).toMatchObject({ is_final: false, next: "signer", signature_count: 0, is_script_missing: false });

      const signed = [MASTER, ...(position === 4 ? [OTHER] : [])].map((master) => signedBy(master, built.psbt));
      if (signed.length > 1)
        expect(await rest.data("finalizePsbt", finalize(signed[0]!))).toMatchObject({
          is_complete: false,
          next: "signer",
          inputs: [
            { is_final: false, signature_count: 1, missing_signatures: [expect.stringMatching(/^[0-9a-f]{40}$/)] },
          ],
        });
      const done = await rest.data("finalizePsbt", finalize(...signed));
      expect(done).toMatchObject({
        is_complete: true,
        unsigned_inputs: [],
        next: "extractor",
        decoded: { fee: built.fee },
        acceptance: { outcome: "accepted", fee: built.fee },
      });

      const tx = decodeTransaction(new Reader(fromHex(done.hex!)));
      // No larger than was reckoned with, and not much smaller.
      expect(tx.virtualSize).toBeLessThanOrEqual(built.virtual_size);
      expect(tx.virtualSize).toBeGreaterThan(built.virtual_size - 3 * built.inputs.length);
      expect(built.fee).toBe(Math.ceil(built.virtual_size * 3));
      expect(tx.outputs.map(({ value }) => Number(value))).toContain(sats);
      await rest.data("broadcastTransaction", posted("/api/v1/transactions/broadcast", { hex: done.hex }));

      // The change is ours and unconfirmed: its coin may be spent again, and the next change has another address.
      const again = await rest.data("buildPsbt", build(request));
      expect(again.change_address).toBe(encodeAddress(scriptAt(text, 1, 1), prefixes));
      const tip = mine(tips.at(-1)!, { transactions: [tx], salt: position });
      tips.push(tip);
      await submitAll(rest.node.chain, [tip]);
      expect(rest.node.chain.tip.height).toBe(tip.height);
    },
  );

  test("of all there is, the fee taken from it", async () => {
    const descriptors = of(DESCRIPTORS[0]!);
    const { confirmed, utxo_count } = await rest.data("watchBalance", posted("/api/v1/watch/balance", { descriptors }));
    const built = await rest.data(
      "buildPsbt",
      build({ descriptors, outputs: pay(confirmed, { subtract_fee: true }), feerate_sat_per_kvb: 1000 }),
    );
    expect(built).toMatchObject({ change_index: null, change_address: null });
    expect(built.inputs).toHaveLength(utxo_count);
    expect(built.inputs.reduce((sum, { value }) => sum + value, 0)).toBe(confirmed);
  });

  test("of named outputs alone, to a change address of somebody else, at a place, with a lock time", async () => {
    const descriptors = of(DESCRIPTORS[1]!, DESCRIPTORS[2]!);
    const utxos = await rest.data("watchUtxos", posted("/api/v1/watch/utxos", { descriptors }));
    const { txid, vout, value } = utxos.items.find(({ value: worth }) => worth > 4_000_000_000)!;
    const own = encodeAddress(KEY_SCRIPT, prefixes)!;
    const request = {
      descriptors,
      inputs: [{ txid, vout }],
      outputs: pay(100_000),
      feerate_sat_per_kvb: 1000,
      change_address: own,
      change_position: 0,
      lock_time: 50,
      replaceable: false,
    };
    const built = await rest.data("buildPsbt", build(request));
    expect(built).toMatchObject({ change_index: 0, change_address: own, inputs: [{ txid, vout, value }] });
    const psbt = psbtFromBase64(built.psbt, portableSecp256k1);
    expect(psbt.fallbackLockTime).toBe(50);
    expect(psbt.inputs[0]!.sequence).toBe(0xfffffffe);
    const [status, error] = await rest.refusal(build({ ...request, outputs: pay(value) }));
    expect([status, error]).toEqual([422, expect.stringMatching(/total exceeds|not cover|Insufficient/)]);
  });
});

describe("what makes no payment", () => {
  const descriptors = of(DESCRIPTORS[0]!);
  const base = { descriptors, outputs: pay(100_000), feerate_sat_per_kvb: 1000 };
  test.each([
    ["more than there is", { ...base, outputs: pay(2_000_000_000_000) }, 422, /Insufficient funds/],
    ["dust", { ...base, outputs: pay(1) }, 422, /too small/],
    ["a feerate below the least", { ...base, feerate_sat_per_kvb: 1 }, 422, /lower than the minimum/],
    ["nothing known of fees", { descriptors, outputs: pay(100_000) }, 422, /Fee estimation failed/],
    [
      "an output that is not there",
      { ...base, inputs: [{ txid: "11".repeat(32), vout: 0 }] },
      422,
      /Not found pre-selected/,
    ],
    ["an address that is none", { ...base, outputs: [{ address: "nowhere", sats: 1000 }] }, 400, /is no address/],
    ["a script hash", { ...base, outputs: [{ address: "11".repeat(32), sats: 1000 }] }, 400, /cannot be paid to/],
    ["a change descriptor that is not there", { ...base, change_descriptor: 3 }, 400, /no descriptor 3/],
    ["a private key", { ...base, descriptors: of(`wpkh(${MASTER}/0/*)`) }, 400, /private key/],
    ["a field within that is not known", { ...base, outputs: [{ address: RECIPIENT, amount: 1 }] }, 400, /"amount"/],
    ["no descriptor", { ...base, descriptors: [] }, 400, /must not be empty/],
  ])("%s", async (_, body, status, sentence) => {
    expect(await rest.refusal(build(body))).toEqual([status, expect.stringMatching(sentence)]);
  });

  test("PSBTs that cannot be read, or are of several transactions", async () => {
    expect(await rest.refusal(finalize("nonsense"))).toEqual([400, expect.stringMatching(/^PSBT 0 cannot be read: /)]);
    const [one, two] = await Promise.all(
      [100_000, 200_000].map(
        async (sats) => (await rest.data("buildPsbt", build({ ...base, outputs: pay(sats) }))).psbt,
      ),
    );
    expect(await rest.refusal(finalize(one!, two!))).toEqual([400, expect.stringMatching(/not of one transaction/)]);
  });

  test("descriptors without solution are watched, and not spent from", async () => {
    const script = scriptAt(DESCRIPTORS[0]!, 0, 0);
    const body = { ...base, descriptors: of(`addr(${encodeAddress(script, prefixes)})`), change_address: RECIPIENT };
    expect(await rest.refusal(build(body))).toEqual([422, expect.stringMatching(/Insufficient funds/)]);
  });
});

describe("a PSBT that somebody made up to keep the node busy", () => {
  /** Inputs that each sign the whole transaction, of which nothing need exist. */
  function madeUp(inputCount: number): string {
    const scriptPubKey = Uint8Array.of(0x76, 0xa9, 20, ...new Uint8Array(20), 0x88, 0xac);
    const inputOf = (index: number, txid: Txid) => ({
      previousOutput: { txid, index },
      ...{ scriptSig: new Uint8Array(0), witness: [], sequence: 0 },
    });
    const spent = Array.from({ length: inputCount }, (_, index) => {
      const inputs = [inputOf(index, new Uint8Array(32).fill(9) as Txid)];
      return new Transaction({ version: 2, inputs, outputs: [{ value: 1000n, scriptPubKey }], lockTime: 0 });
    });
    const inputs = spent.map(({ txid }) => inputOf(0, txid));
    const psbt = createPsbt({ version: 2, inputs, outputs: [{ value: 1n, scriptPubKey }], lockTime: 0 });
    return psbtToBase64({
      ...psbt,
      inputs: psbt.inputs.map((input, index) => ({ ...input, nonWitnessUtxo: spent[index] })),
    });
  }

  test("is refused before its signatures are looked for, and so is none that could be relayed", async () => {
    // 2,300 times 94 kB, and 2,100 times 86 kB.
    expect(await rest.refusal(finalize(madeUp(2_300)))).toEqual([
      400,
      "To check the signatures of the PSBT would take too long: it has more inputs or signature operations than a transaction can have that is relayed.",
    ]);
    expect(await rest.data("finalizePsbt", finalize(madeUp(2_100)))).toMatchObject({ is_complete: false });
  }, 60_000);
});
