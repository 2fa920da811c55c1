import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160, ripemd160, sha256, sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { psbtFromBase64, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import type { PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { HDKey } from "@scure/bip32";
import { beforeAll, describe, expect, test } from "vitest";
import { CORE } from "./interop-node.ts";
import { TestNode, temporaryFolder } from "./test-node.ts";

/**
 * For each kind of descriptor a wallet of a running node receives by it and spends what it received: the node's own mempool takes the
 * transaction and a block confirms it, and so would Bitcoin Core's where CORE_BITCOIND names one.
 */

const { addressPrefixes: prefixes } = regtestNetwork();
const context = { prefixes, secp256k1: portableSecp256k1 };

const wifOf = (name: string, compressed = true) =>
  encodeWif({ privateKey: sha256(new TextEncoder().encode(name)), compressed }, prefixes);
const [A, B, C] = [wifOf("a"), wifOf("b"), wifOf("c")];
const UNCOMPRESSED = wifOf("u", false);
/** Of combo alone, whose scripts others would have too. */
const [D, OLD] = [wifOf("d"), wifOf("o", false)];
/** Extended, of a test network. */
const X = HDKey.fromMasterSeed(sha256(new TextEncoder().encode("x")), {
  private: 0x04358394,
  public: 0x043587cf,
}).privateExtendedKey;
/** BIP341: a key that nobody can have. */
const NUMS = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";

const PREIMAGE = new Uint8Array(32).fill(7);
const HASHES = { sha256, hash256: sha256d, ripemd160, hash160 };
type HashName = keyof typeof HASHES;
const hashOf = (name: HashName) => toHex(HASHES[name](PREIMAGE));

interface Case {
  readonly descriptor: string;
  readonly sequence?: number;
  readonly lockTime?: number;
  /** The hash whose preimage has to be told. */
  readonly preimage?: HashName;
}

const plain: readonly Case[] = [
  `pk(${A})`,
  `pkh(${A})`,
  `pkh(${UNCOMPRESSED})`,
  `pk(${UNCOMPRESSED})`,
  `wpkh(${X}/84h/1h/0h/0/*)`,
  `wpkh(${A})`,
  `sh(wpkh(${X}/49h/0/*))`,
  `pkh(${X}/44/*h)`,
  `multi(1,${A},${B})`,
  `sh(pk(${A}))`,
  `sh(pkh(${A}))`,
  `sh(multi(2,${A},${B},${C}))`,
  `sh(sortedmulti(2,${A},${B},${C}))`,
  `wsh(pk(${A}))`,
  `wsh(pkh(${A}))`,
  `wsh(multi(2,${A},${B},${C}))`,
  `wsh(sortedmulti(2,${A},${B},${X}/0/*))`,
  `sh(wsh(multi(1,${A},${B})))`,
  `sh(wsh(pkh(${A})))`,
  `tr(${X}/86h/0/*)`,
  `tr(${A},pk(${B}))`,
  `tr(${NUMS},pk(${A}))`,
  `tr(${NUMS},multi_a(2,${A},${B},${C}))`,
  `tr(${NUMS},sortedmulti_a(2,${A},${X}/3/*,${C}))`,
  `tr(${NUMS},{pk(${A}),{and_v(v:pk(${B}),older(9)),multi_a(1,${C})}})`,
  `combo(${D})`,
  `combo(${OLD})`,
  `rawtr(${A})`,
  `wsh(or_d(pk(${A}),and_v(v:pkh(${B}),older(1000))))`,
  `wsh(thresh(2,pk(${A}),s:pk(${B}),snl:after(1000)))`,
].map((descriptor) => ({ descriptor }));

const CASES: readonly Case[] = [
  ...plain,
  { descriptor: `wsh(and_v(v:pk(${A}),older(2)))`, sequence: 2 },
  { descriptor: `tr(${NUMS},and_v(v:pk(${A}),older(2)))`, sequence: 2 },
  { descriptor: `wsh(and_v(v:pk(${A}),after(50)))`, lockTime: 50 },
  { descriptor: `tr(${NUMS},and_v(v:pk(${A}),after(50)))`, lockTime: 50 },
  ...(Object.keys(HASHES) as HashName[]).map((preimage): Case => {
    return { descriptor: `wsh(and_v(v:pk(${A}),${preimage}(${hashOf(preimage)})))`, preimage };
  }),
  { descriptor: `tr(${NUMS},and_v(v:pk(${A}),sha256(${hashOf("sha256")})))`, preimage: "sha256" },
];

/** As tests are named: keys by letters. */
function titleOf({ descriptor }: Case): string {
  const names = [
    [A, "a"],
    [B, "b"],
    [C, "c"],
    [D, "d"],
    [UNCOMPRESSED, "uncompressed"],
    [OLD, "another uncompressed"],
    [X, "x"],
    [NUMS, "nums"],
  ] as const;
  return names.reduce((text, [key, name]) => text.replaceAll(key, name), descriptor);
}

/** The scripts at the first index. */
function scriptsOf({ descriptor }: Case): readonly Uint8Array[] {
  const parsed = parseDescriptor(descriptor, context);
  if ("error" in parsed) throw new Error(`${parsed.error}: ${descriptor}`);
  const { secp256k1 } = context;
  return expandDescriptor(parsed.descriptors[0], 0, { secp256k1, secrets: parsed.secrets })!.scripts;
}

const AMOUNT = 100_000_000n;
const FEERATE_SAT_PER_VB = 5;
const FUNDS = "funds";

interface Spent {
  readonly wallet: string;
  readonly txid: string;
  readonly hex: string;
}

let node: TestNode;
let home: string;
const spent: Spent[] = [];

beforeAll(async () => {
  node = await TestNode.start(temporaryFolder(), ["-keypool=2"]);
  await node.call("createwallet", FUNDS);
  home = await node.callWallet<string>(FUNDS, "getnewaddress");
  await node.call("generatetoaddress", 105, home);
  for (const [index, { descriptor }] of CASES.entries()) {
    await node.call("createwallet", walletOf(index), false, true);
    const request = { desc: withChecksum(descriptor), timestamp: "now" };
    const [imported] = await node.callWallet<{ success: boolean }[]>(walletOf(index), "importdescriptors", [request]);
    expect(imported, titleOf(CASES[index]!)).toMatchObject({ success: true });
  }
  await fundAll();
  await node.call("generatetoaddress", 3, home);
}, 240_000);

const walletOf = (index: number) => `case-${index}`;

/** One transaction that pays all scripts of all cases. */
async function fundAll(): Promise<void> {
  const outputs = CASES.flatMap(scriptsOf).map((scriptPubKey) => ({ value: AMOUNT, scriptPubKey }));
  const draft = new Transaction({ version: 2, inputs: [], outputs, lockTime: 0 });
  const options = { fee_rate: FEERATE_SAT_PER_VB };
  const funded = await node.callWallet<{ hex: string }>(FUNDS, "fundrawtransaction", toHex(draft.bytes), options);
  const signed = await node.callWallet<{ hex: string }>(FUNDS, "signrawtransactionwithwallet", funded.hex);
  await node.call("sendrawtransaction", signed.hex);
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
}

interface SendAnswer {
  readonly complete: boolean;
  readonly txid: string;
  readonly psbt: string;
}

/** All coins of a case's wallet to the one that gave them. */
async function sendAll(wallet: string, one: Case, options: object): Promise<SendAnswer> {
  const coins = await node.callWallet<Coin[]>(wallet, "listunspent");
  expect(coins).toHaveLength(scriptsOf(one).length);
  const { sequence, lockTime: locktime } = one;
  const inputs = coins.map(({ txid, vout }) => ({ txid, vout, ...(sequence !== undefined && { sequence }) }));
  const all = { inputs, fee_rate: FEERATE_SAT_PER_VB, ...(locktime !== undefined && { locktime }), ...options };
  return node.callWallet<SendAnswer>(wallet, "sendall", [home], null, "unset", null, all);
}

describe.each(CASES.map((one, index) => ({ one, wallet: walletOf(index), title: titleOf(one) })))(
  "$title",
  ({ one, wallet }) => {
    test("is received by and spent from", async () => {
      const txid = one.preimage === undefined ? await spendAtOnce(wallet, one) : await spendByPsbt(wallet, one);
      const hex = await node.call<string>("getrawtransaction", txid);
      spent.push({ wallet, txid, hex });
      const entry = await node.call<{ fees: { base: number }; vsize: number }>("getmempoolentry", txid);
      expect(entry.fees.base).toBeGreaterThan(0);
    });
  },
);

async function spendAtOnce(wallet: string, one: Case): Promise<string> {
  const { complete, txid } = await sendAll(wallet, one, {});
  expect(complete).toBe(true);
  return txid;
}

/** The wallet makes a PSBT, somebody tells the preimage, the wallet signs. */
async function spendByPsbt(wallet: string, one: Case): Promise<string> {
  const { complete, psbt: text } = await sendAll(wallet, one, { psbt: true });
  expect(complete).toBe(false);
  const psbt = psbtFromBase64(text, portableSecp256k1);
  const inputs = psbt.inputs.map((input) => withPreimage(input, one.preimage!));
  const told = psbtToBase64({ ...psbt, inputs });
  const signed = await node.callWallet<{ complete: boolean; hex: string }>(wallet, "walletprocesspsbt", told);
  expect(signed.complete).toBe(true);
  return node.call<string>("sendrawtransaction", signed.hex);
}

function withPreimage(input: PsbtInput, name: HashName): PsbtInput {
  return { ...input, preimages: { ...input.preimages, [name]: new Map([[hashOf(name), PREIMAGE]]) } };
}

describe("all of them", () => {
  test.skipIf(CORE === undefined)("are what Bitcoin Core's mempool takes too", async () => {
    const core = await TestNode.start(temporaryFolder(), [], CORE!.path);
    const height = await node.call<number>("getblockcount");
    for (let at = 1; at <= height; at++) {
      const block = await node.call<string>("getblock", await node.call("getblockhash", at), 0);
      expect(await core.call("submitblock", block)).toBeNull();
    }
    for (const { wallet, hex } of spent) {
      const [answer] = await core.call<object[]>("testmempoolaccept", [hex]);
      expect(answer, wallet).toMatchObject({ allowed: true });
    }
    await core.stop();
  });

  test("are confirmed by the next block", async () => {
    expect(spent).toHaveLength(CASES.length);
    await node.call("generatetoaddress", 1, home);
    for (const { wallet, txid } of spent) {
      const { confirmations } = await node.callWallet<{ confirmations: number }>(wallet, "gettransaction", txid);
      expect(confirmations, wallet).toBe(1);
      expect(await node.callWallet<Coin[]>(wallet, "listunspent")).toEqual([]);
    }
    await node.stop();
  });
});
