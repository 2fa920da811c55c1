import { GAP_DEFAULT, WATCH_ADDRESSES_MAX, WATCH_DESCRIPTORS_MAX } from "@bitfleet/api/watch-limits.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { addPrivateKeys, expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { masterKeyOf } from "@bitfleet/wallet/keys/accounts.ts";
import { signTransaction } from "@bitfleet/wallet/signing/signer.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { HDKey } from "@scure/bip32";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  GENESIS,
  KEY_SCRIPT,
  mine,
  mineMany,
  NETWORK,
  PRIVATE_KEY,
  rewardOf,
  type Spendable,
  spendableOf,
  submitAll,
  type Tip,
} from "../../chain/test-kit.ts";
import { seededRandom } from "../../mempool/test-kit.ts";
import { openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

/** What descriptors have together, against `scantxoutset`, which looks at all coins that there are. */

const { addressPrefixes: prefixes } = NETWORK;
const context = { prefixes, secp256k1: portableSecp256k1 };
const seeds = [1, 2, 3].map((byte) => masterKeyOf(new Uint8Array(32).fill(byte), prefixes));
const [first, second, third] = seeds;

const PRIVATE_DESCRIPTORS = [
  `wpkh(${first}/84h/1h/0h/<0;1>/*)`,
  `tr(${first}/86h/1h/0h/<0;1>/*)`,
  `sh(wpkh(${second}/49h/1h/0h/0/*))`,
  `pkh(${second}/44h/1h/0h/0/*)`,
  `wsh(sortedmulti(2,${first}/48h/1h/0h/2h/0/*,${second}/48h/1h/0h/2h/0/*,${third}/48h/1h/0h/2h/0/*))`,
  `tr(${third}/0/*,{pk(${first}/7/*),multi_a(1,${second}/8/*,${third}/9/*)})`,
  `combo(${third}/5/5)`,
];

interface Wallet {
  readonly texts: readonly string[];
  /** Of a descriptor, a variant and an index; the last of the scripts there are. */
  script(position: number, variant: number, index: number): Uint8Array;
  readonly material: SigningMaterial;
  readonly variantCounts: readonly number[];
}

/** The descriptors with the private keys left out, and what signs for them. */
function openWallet(): Wallet {
  const material = new SigningMaterial();
  material.addPrivateKey({ privateKey: PRIVATE_KEY, compressed: true }, portableSecp256k1);
  const parsed = PRIVATE_DESCRIPTORS.map((text) => {
    const found = parseDescriptor(text, context);
    if ("error" in found) throw new Error(found.error);
    return found;
  });
  const texts = PRIVATE_DESCRIPTORS.map(publicForm);
  return {
    texts,
    material,
    variantCounts: parsed.map(({ descriptors }) => descriptors.length),
    script: (position, variant, index) => {
      const { descriptors, secrets } = parsed[position]!;
      const own = { ...context, secrets };
      const { scripts, material: found } = expandDescriptor(descriptors[variant]!, index, own)!;
      material.merge(found);
      addPrivateKeys(descriptors[variant]!, index, own, material);
      return scripts.at(-1)!;
    },
  };
}

/** Hardened steps are taken before the key is made public: `[fingerprint/84h/1h/0h]tpub…/0/*`. */
function publicForm(text: string): string {
  const versions = { private: prefixes.extPrivateKey, public: prefixes.extPublicKey };
  const bare = text.replace(/(tprv\w+)((?:\/\d+h)*)/g, (_, key: string, path: string) => {
    const root = HDKey.fromExtendedKey(key, versions);
    const account = path === "" ? root : root.derive(`m${path.replaceAll("h", "'")}`);
    const origin = path === "" ? "" : `[${root.fingerprint.toString(16).padStart(8, "0")}${path}]`;
    return `${origin}${account.publicExtendedKey}`;
  });
  return withChecksum(bare);
}

let rest: RestTestNode;
let wallet: Wallet;
const rewards = mineMany(GENESIS, 140);
beforeAll(async () => {
  rest = await openRestTestNode({ tips: rewards });
  wallet = openWallet();
}, 120_000);
afterAll(() => rest?.close());

const watch = (name: string, body: object) => posted(`/api/v1/watch/${name}`, body);
const all = () => ({ descriptors: wallet.texts.map((descriptor) => ({ descriptor })) });

async function wholeList<Item>(
  read: (cursor: object) => Promise<{ readonly items: readonly Item[]; readonly next_cursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: object | undefined = {}; cursor !== undefined; ) {
    const part: { readonly items: readonly Item[]; readonly next_cursor: string | null } = await read(cursor);
    items.push(...part.items);
    cursor = part.next_cursor === null ? undefined : { cursor: part.next_cursor };
  }
  return items;
}

describe("a wallet's life", () => {
  /** By descriptor and variant, the last index that was paid to. */
  const lastUsed = new Map<string, number>();
  let tips: Tip[];
  let coins: (Spendable & { readonly isOwn: boolean })[];

  /** A payment from some coins to scripts of the wallet and to others. */
  function payment(random: (bound: number) => number): Transaction {
    const chosen = Array.from({ length: 1 + random(2) }, () => coins.splice(random(coins.length), 1)[0]!);
    const outputs: TxOutput[] = [];
    let left = chosen.reduce((sum, { output }) => sum + output.value, 0n) - 100_000n;
    for (let count = 1 + random(4); count > 0; count--) {
      const value = count === 1 ? left : left / 3n;
      left -= value;
      outputs.push({ value, scriptPubKey: random(4) === 0 ? KEY_SCRIPT : ownScript(random) });
    }
    const fields = {
      version: 2,
      inputs: chosen.map(({ outPoint }) => ({
        previousOutput: outPoint,
        scriptSig: new Uint8Array(0),
        sequence: 0xfffffffd,
        witness: [],
      })),
      outputs,
      lockTime: 0,
    };
    const spent = chosen.map(({ output }) => output);
    const { transaction, errors } = signTransaction(
      fields,
      spent,
      SighashType.DEFAULT,
      wallet.material,
      portableSecp256k1,
    );
    expect([...errors.values()]).toEqual([]);
    for (const index of outputs.keys()) coins.push({ ...spendableOf(transaction, index), isOwn: true });
    return transaction;
  }

  /** At or behind what was used, with at most the gap between. */
  function ownScript(random: (bound: number) => number): Uint8Array {
    const position = random(wallet.texts.length);
    const variant = random(wallet.variantCounts[position]!);
    const isRanged = wallet.texts[position]!.includes("*");
    const name = `${position}/${variant}`;
    const last = lastUsed.get(name) ?? -1;
    const index = isRanged ? random(last + 1 + (random(3) === 0 ? GAP_DEFAULT : 3)) : 0;
    lastUsed.set(name, Math.max(last, index));
    return wallet.script(position, variant, index);
  }

  async function expectTruth(): Promise<void> {
    const range = Math.max(0, ...lastUsed.values()) + GAP_DEFAULT;
    const scanObjects = wallet.texts.map((desc) => (desc.includes("*") ? { desc, range } : desc));
    const { result: scan } = await rest.node.call("scantxoutset", ["start", scanObjects]);
    const toSats = (amount: number) => Math.round(amount * 1e8);
    const balance = await rest.data("watchBalance", watch("balance", all()));
    expect(balance.confirmed + balance.immature).toBe(toSats(scan.total_amount));
    expect(balance.utxo_count).toBe(scan.unspents.length);
    expect(balance.block_height).toBe(scan.height);

    const limit = 7;
    const utxos = await wholeList((cursor) => rest.data("watchUtxos", watch("utxos", { ...all(), ...cursor, limit })));
    const inChain = utxos.filter(({ is_confirmed }) => is_confirmed);
    const named = (txid: string, vout: number, sats: number, script: string | null) =>
      `${txid}:${vout} ${sats} ${script}`;
    expect(inChain.map(({ txid, vout, value, script }) => named(txid, vout, value, script)).sort()).toEqual(
      scan.unspents
        .map((one: { txid: string; vout: number; amount: number; scriptPubKey: string }) =>
          named(one.txid, one.vout, toSats(one.amount), one.scriptPubKey),
        )
        .sort(),
    );
    for (const { descriptor, variant, index, script } of utxos) {
      const isCombo = wallet.texts[descriptor!]!.startsWith("combo");
      if (!isCombo) expect(toHex(wallet.script(descriptor!, variant!, index!))).toBe(script);
    }
    // What is not spent by what waits, and what waiting ones make, is what there will be.
    const later = utxos.filter(({ spent_by }) => spent_by === null).reduce((sum, { value }) => sum + value, 0);
    expect(balance.total).toBe(later);

    const history = await wholeList((cursor) =>
      rest.data("watchHistory", watch("history", { ...all(), ...cursor, limit })),
    );
    expect(new Set(history.map(({ txid }) => txid)).size).toBe(history.length);
    expect(history.reduce((sum, { value }) => sum + value, 0)).toBe(balance.total);

    const { descriptors, addresses } = await rest.data("watchAddresses", watch("addresses", all()));
    for (const { position, variant, next_index, is_ranged, used_count, to } of descriptors) {
      const last = lastUsed.get(`${position}/${variant}`) ?? -1;
      expect(next_index).toBe(is_ranged ? last + 1 : null);
      if (is_ranged) expect(to).toBe(last + GAP_DEFAULT);
      const own = addresses.filter((one) => one.descriptor === position && one.variant === variant);
      const used = own.filter((one) => one.transaction_count + one.unconfirmed_transaction_count > 0);
      expect(new Set(used.map(({ index }) => index)).size).toBe(used_count);
    }
    expect(addresses.reduce((sum, one) => sum + one.balance, 0)).toBe(balance.confirmed + balance.immature);
    expect(addresses.reduce((sum, one) => sum + one.unconfirmed, 0)).toBe(balance.unconfirmed);
    expect(descriptors).toEqual(balance.descriptors);
  }

  test.each([1, 2])("random payments, blocks and a reorganisation: seed %i", { timeout: 240_000 }, async (seed) => {
    const random = seededRandom(seed);
    if (seed > 1) {
      await rest.close();
      rest = await openRestTestNode({ tips: rewards });
      lastUsed.clear();
    }
    tips = [...rewards];
    coins = tips.slice(0, 40).map((tip) => ({ ...rewardOf(tip), isOwn: false }));
    await expectTruth();
    for (let step = 0; step < 6; step++) {
      for (let count = 1 + random(3); count > 0; count--) {
        const accepted = await rest.node.mempool.accept(payment(random));
        expect(accepted.kind).toBe("accepted");
      }
      if (random(3) > 0) {
        const waiting = [...rest.node.mempool.chunksInMiningOrder()].flatMap(({ entries }) =>
          entries.map(({ tx }) => tx),
        );
        const tip = mine(tips.at(-1)!, { transactions: waiting, salt: step });
        tips.push(tip);
        await submitAll(rest.node.chain, [tip]);
      }
      await expectTruth();
    }
    // The last blocks are undone; what they had waits again.
    const fork = tips.at(-3)!;
    const other = mineMany(fork, 3, { salt: 99 });
    await submitAll(rest.node.chain, other);
    expect(rest.node.chain.tip.height).toBe(other.at(-1)!.height);
    await expectTruth();
  });
});

describe("what may be asked", () => {
  const PUBLIC = "02".padEnd(66, "7");

  test("descriptors and addresses together, each script once", async () => {
    const address = encodeAddress(KEY_SCRIPT, prefixes)!;
    const byName = await rest.data("watchBalance", watch("balance", { addresses: [address, address] }));
    expect(byName).toMatchObject({ script_count: 1, used_script_count: 1, descriptors: [] });
    const both = { addresses: [address], descriptors: [{ descriptor: `addr(${address})` }] };
    const twice = await rest.data("watchBalance", watch("balance", both));
    expect({ ...twice, descriptors: [] }).toEqual(byName);
    expect(twice.confirmed + twice.immature).toBeGreaterThan(0);
    const { addresses } = await rest.data("watchAddresses", watch("addresses", both));
    expect(addresses).toMatchObject([{ address, script: toHex(KEY_SCRIPT), descriptor: 0, variant: 0, index: 0 }]);
  });

  test("a part of a range, which needs no search", async () => {
    const [descriptor] = wallet.texts;
    const body = { descriptors: [{ descriptor, from: 3, to: 5 }] };
    const { descriptors, addresses } = await rest.data("watchAddresses", watch("addresses", body));
    expect(descriptors).toMatchObject([
      { variant: 0, from: 3, to: 5 },
      { variant: 1, from: 3, to: 5 },
    ]);
    expect(addresses.map(({ variant, index }) => [variant, index])).toEqual([
      [0, 3],
      [0, 4],
      [0, 5],
      [1, 3],
      [1, 4],
      [1, 5],
    ]);
    expect(addresses[0]!.address).toBe(encodeAddress(wallet.script(0, 0, 3), prefixes));
  });

  test("a gap of its own, from a place of its own; and the last index there is", async () => {
    const fresh = wallet.texts[0]!.replace(/#.*$/, "").replace("<0;1>", "<7;8>");
    const searched = async (more: object) => {
      const { descriptors } = await rest.data(
        "watchBalance",
        watch("balance", { descriptors: [{ descriptor: fresh, ...more }] }),
      );
      return descriptors.map(({ from, to, next_index }) => [from, to, next_index]);
    };
    expect(await searched({ gap: 1 })).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect((await searched({ gap: 33, from: 10 }))[0]).toEqual([10, 42, 10]);
    expect((await searched({ from: 2 ** 31 - 3 }))[0]).toEqual([2 ** 31 - 3, 2 ** 31 - 1, 2 ** 31 - 3]);
  });

  const XPUB =
    "tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B";
  test.each([
    ["nothing", {}, /at least one descriptor or address/],
    ["empty lists", { descriptors: [], addresses: [] }, /at least one/],
    ["what is no descriptor", { descriptors: [{ descriptor: "nonsense()" }] }, /Descriptor 0 cannot be read/],
    ["a wrong checksum", { descriptors: [{ descriptor: `pk(${PUBLIC})#aaaaaaaa` }] }, /cannot be read/],
    [
      "a second one that is wrong",
      { descriptors: [{ descriptor: `addr(${"x"})` }, { descriptor: "pk()" }] },
      /Descriptor 0/,
    ],
    ["an address of elsewhere", { addresses: ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"] }, /is an address of main/],
    ["from without range", { descriptors: [{ descriptor: `pkh(${XPUB}/0)`, from: 1 }] }, /is not ranged/],
    [
      "a range that ends first",
      { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, from: 2, to: 1 }] },
      /ends before it begins/,
    ],
    ["hardened steps", { descriptors: [{ descriptor: `pkh(${XPUB}/*h)` }] }, /hardened step/],
    ["too many scripts", { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, to: 2000 }] }, /more than 2000 scripts/],
    [
      "too many keys",
      { descriptors: [{ descriptor: `wsh(multi(1,${XPUB}/1/*,${XPUB}/2/*,${XPUB}/3/*))`, to: 1999 }] },
      /more than 5000 keys/,
    ],
    [
      "too many keys on the way",
      {
        descriptors: [{ descriptor: `pkh(${XPUB}/<${[...Array(26).keys()].join(";")}>${"/1".repeat(192)}/*)`, to: 0 }],
      },
      /more than 5000 keys/,
    ],
    [
      "keys brought together anew for each of many variants",
      {
        descriptors: [
          { descriptor: `tr(musig(${XPUB},${XPUB}/1,${XPUB}/2)/<${[...Array(300).keys()].join(";")}>/*)`, to: 0 },
        ],
      },
      /more than 5000 keys/,
    ],
    ["a gap of none", { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, gap: 0 }] }, /at least 1/],
    ["an index too far", { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, to: 2 ** 31 }] }, /at most 2147483647/],
    [
      "a field within that is not known",
      { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, range: 5 }] },
      /field "range"/,
    ],
    ["a field of another type", { descriptors: [{ descriptor: `pkh(${XPUB}/*)`, to: "5" }] }, /must be a number/],
    [
      "too many descriptors",
      { descriptors: Array(WATCH_DESCRIPTORS_MAX + 1).fill({ descriptor: `pk(${PUBLIC})` }) },
      /at most 20 entries/,
    ],
    ["too many addresses", { addresses: Array(WATCH_ADDRESSES_MAX + 1).fill("x") }, /at most 100 entries/],
  ])("%s is refused in a sentence", async (_, body, sentence) => {
    for (const name of ["balance", "utxos", "history", "addresses"]) {
      const [status, error] = await rest.refusal(watch(name, body));
      expect([status, error]).toEqual([400, expect.stringMatching(sentence)]);
    }
  });

  test("cursors of other lists are refused", async () => {
    for (const name of ["utxos", "history"]) {
      expect(await rest.refusal(watch(name, { ...all(), cursor: "x.y" }))).toEqual([
        400,
        expect.stringMatching(/cursor/),
      ]);
    }
  });

  const WIF = "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW";
  test.each([
    ["an extended key", `wpkh(${first}/0/*)`],
    ["one that has a slip in it", `wpkh(${first!.slice(0, -1)}x/0/*)`],
    ["one of another network", `wpkh(${first!.replace("tprv", "xprv")}/0/*)`],
    ["one with a prefix of SLIP132", `wpkh(${first!.replace("tprv", "Vprv")}/0/*)`],
    ["a key in wallet import format", `pkh(${WIF})`],
    ["one with a slip in it", `pkh(${WIF.replace("E", "F")})`],
    ["among others", `wsh(multi(1,${PUBLIC},${WIF}))`],
  ])("private keys are refused and shown nowhere: %s", async (_, descriptor) => {
    const response = await rest.app.inject({
      ...watch("balance", { descriptors: [{ descriptor: wallet.texts[0] }, { descriptor }] }),
      headers: { "x-api-key": "0123456789abcdef0123456789abcdef0123456789abcdef" },
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toMatch(/^Descriptor 1 holds a private key\./);
    const secret = /[a-zA-Z]prv\w{20}|c[A-Za-z0-9]{51}/.exec(descriptor)![0];
    expect(response.body).not.toContain(secret);
    expect(rest.node.log.lines.join()).not.toContain(secret);
    expect((await rest.app.inject("/metrics")).body).not.toContain(secret);
  });

  test("a public key that has the letters of a private one's prefix in it is none", async () => {
    const key =
      "tpubD6NzVbkrYhZ4YrwgghGQyr2vZhVktoBWmPtknrud38DAyRWi5ZsvprvKEbGjNQTmebHCZAtW5oX9wzVquUmjCCLiDiTDsRgBqThUA1qfroW";
    const response = await rest.app.inject(watch("balance", { descriptors: [{ descriptor: `wpkh(${key}/0/*)` }] }));
    expect(response.statusCode).toBe(200);
  });

  test("a private key in the place of an address is refused and not shown", async () => {
    const response = await rest.app.inject(watch("balance", { addresses: [WIF] }));
    expect(response.statusCode).toBe(400);
    expect(response.body).not.toContain(WIF);
  });

  test("more searches at once than there is room for are sent away", async () => {
    const body = {
      descriptors: [{ descriptor: wallet.texts[4]!.replace(/#.*$/, "").replaceAll("/0/*", "/77/*"), to: 150 }],
    };
    const asked = Array.from({ length: 8 }, () => rest.app.inject(watch("balance", body)));
    const answers = await Promise.all(asked);
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429, 429, 429]);
    const refused = answers.find(({ statusCode }) => statusCode === 429)!;
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.json().error).toMatch(/searches of yours are under way/);
    expect((await rest.app.inject(watch("balance", body))).statusCode).toBe(200);
  });
});
