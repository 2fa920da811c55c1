import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { extendedKeyVersions } from "@bitfleet/wallet/keys/keys.ts";
import { HDKey } from "@scure/bip32";
import { beforeAll, describe, expect, test } from "vitest";
import { CORE } from "./interop-node.ts";
import { TestNode, temporaryFolder } from "./test-node.ts";

/**
 * Wallets of two nodes have coins together (MuSig2) and spend them: in two rounds, each round through both nodes, which tell the same of
 * every PSBT. The second node is Bitcoin Core's where CORE_BITCOIND names one, else another of ours.
 */

const VERSIONS = extendedKeyVersions(regtestNetwork().addressPrefixes);
const KEYS = ["a", "b", "c"].map((name) =>
  HDKey.fromMasterSeed(sha256(new TextEncoder().encode(`musig ${name}`)), VERSIONS),
);
/** BIP341: a key that nobody can have. */
const NUMS = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";
const FUNDS = "funds";
const ARGS = ["-keypool=2"];

type Side = "ours" | "theirs";

interface Case {
  /** Whose wallets they are; the first makes the payment. */
  readonly holders: readonly Side[];
  /** Keys by number. */
  readonly descriptor: string;
  readonly sighash?: string;
  readonly witnessItems?: number;
}

const CASES: readonly Case[] = [
  { holders: ["ours", "theirs"], descriptor: "tr(musig($0,$1)/<0;1>/*)" },
  { holders: ["theirs", "ours"], descriptor: "tr(musig($0/<0;1>/*,$1/<2;3>/*))", sighash: "ALL|ANYONECANPAY" },
  { holders: ["ours", "theirs", "ours"], descriptor: "tr(musig($2/<0;1>/*,$0/<0;1>/*,$1/<0;1>/*))" },
  { holders: ["theirs", "theirs", "ours"], descriptor: "rawtr(musig($0,$1,$2)/<4;5>/*)", sighash: "SINGLE" },
  { holders: ["ours", "theirs"], descriptor: `tr(${NUMS},pk(musig($1,$0)/<0;1>/*))`, witnessItems: 3 },
  {
    holders: ["theirs", "ours", "ours"],
    descriptor: `tr(${NUMS},{pk(musig($0,$1,$2)/<0;1>/*),and_v(v:pkh(musig($2,$0)/<2;3>/*),after(1))})`,
    sighash: "ALL",
    witnessItems: 3,
  },
  { holders: ["theirs", "ours"], descriptor: "tr(musig($0,$1)/<0;1>/*,pk(musig($0/<0;1>/*,$1/<2;3>/*)))" },
];

interface Processed {
  readonly psbt: string;
  readonly complete: boolean;
  readonly hex?: string;
}

interface Holder {
  readonly node: () => TestNode;
  readonly wallet: string;
}

const nodes = new Map<Side, TestNode>();
const nodeOf = (side: Side) => nodes.get(side)!;
const folders = { ours: temporaryFolder(), theirs: temporaryFolder() };
let home: string;

const start = async (side: Side) => {
  nodes.set(side, await TestNode.start(folders[side], ARGS, side === "theirs" ? CORE?.path : undefined));
};

beforeAll(async () => {
  await Promise.all([start("ours"), start("theirs")]);
  await nodeOf("ours").call("createwallet", FUNDS, false, false, "", false, true, true);
  home = await nodeOf("ours").callWallet<string>(FUNDS, "getnewaddress");
  await mine(101);
});

/** Blocks of our node, which the other one gets too. */
async function mine(count: number): Promise<void> {
  for (const hash of await nodeOf("ours").call<string[]>("generatetoaddress", count, home)) {
    const block = await nodeOf("ours").call("getblock", hash, 0);
    expect(await nodeOf("theirs").call("submitblock", block)).toBeNull();
  }
  await nodeOf("theirs").call("syncwithvalidationinterfacequeue");
}

/** A call to both nodes, which must answer the same. */
async function both<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
  const [mine, theirs] = await Promise.all([
    nodeOf("ours").call<Result>(method, ...params),
    nodeOf("theirs").call<Result>(method, ...params),
  ]);
  expect(mine, method).toEqual(theirs);
  return mine;
}

/** The same is said of a PSBT on both sides. */
async function look(psbt: string): Promise<void> {
  await both("decodepsbt", psbt);
  await both("analyzepsbt", psbt);
}

/** A wallet for each holder, with the own private key and the public ones of the others. */
async function holdersOf({ holders, descriptor }: Case, name: string): Promise<readonly Holder[]> {
  return Promise.all(
    holders.map(async (side, own) => {
      const wallet = `${name}-${own}`;
      const text = descriptor.replaceAll(/\$(\d)/g, (_, digit: string) => {
        const key = KEYS[Number(digit)]!;
        return Number(digit) === own ? key.privateExtendedKey : key.publicExtendedKey;
      });
      await nodeOf(side).call("createwallet", wallet, false, true, "", false, true, true);
      const request = { desc: withChecksum(text), timestamp: "now", active: true };
      const [answer] = await nodeOf(side).callWallet<object[]>(wallet, "importdescriptors", [request]);
      expect(answer).toMatchObject({ success: true });
      return { node: () => nodeOf(side), wallet };
    }),
  );
}

const call = <Result>({ node, wallet }: Holder, method: string, ...params: readonly unknown[]) =>
  node().callWallet<Result>(wallet, method, ...params);

/** Coins for all of them, and a payment of half of it that nobody has signed. */
async function begin(one: Case, name: string): Promise<{ holders: readonly Holder[]; psbt: string }> {
  const holders = await holdersOf(one, name);
  const addresses = await Promise.all(holders.map((holder) => call<string>(holder, "getnewaddress", "", "bech32m")));
  expect(new Set(addresses).size).toBe(1);
  await nodeOf("ours").callWallet(
    FUNDS,
    "sendtoaddress",
    addresses[0],
    1,
    "",
    "",
    false,
    false,
    null,
    "unset",
    null,
    5,
  );
  await mine(1);
  const options = { fee_rate: 5, change_type: "bech32m", changePosition: 1 };
  const { psbt } = await call<Processed>(holders[0]!, "walletcreatefundedpsbt", [], [{ [home]: 0.5 }], 1, options);
  await look(psbt);
  return { holders, psbt };
}

/** Each holder's answer to the same PSBT, and all of them combined. */
async function round(holders: readonly Holder[], psbt: string, sighash: string | undefined): Promise<string> {
  const answers: string[] = [];
  for (const holder of holders) {
    const processed = await call<Processed>(holder, "walletprocesspsbt", psbt, true, sighash ?? "DEFAULT");
    expect(processed.complete).toBe(false);
    await look(processed.psbt);
    answers.push(processed.psbt);
  }
  const combined = await both<string>("combinepsbt", answers);
  await look(combined);
  return combined;
}

interface DecodedPsbt {
  readonly inputs: readonly {
    readonly musig2_pubnonces?: readonly object[];
    readonly musig2_partial_sigs?: readonly object[];
    readonly final_scriptwitness?: readonly string[];
  }[];
}

async function inputOf(psbt: string): Promise<DecodedPsbt["inputs"][number]> {
  return (await both<DecodedPsbt>("decodepsbt", psbt)).inputs[0]!;
}

async function spend(holders: readonly Holder[], final: Processed): Promise<void> {
  expect(final.complete).toBe(true);
  const [answer] = await both<{ allowed: boolean; txid: string }[]>("testmempoolaccept", [final.hex]);
  expect(answer).toMatchObject({ allowed: true });
  await nodeOf("ours").call("sendrawtransaction", final.hex);
  await mine(1);
  for (const holder of holders) {
    expect(await call(holder, "gettransaction", answer!.txid)).toMatchObject({ confirmations: 1 });
  }
}

describe.each(CASES.map((one, index) => ({ ...one, index, title: one.descriptor.replaceAll(NUMS, "nums") })))(
  "$holders: $title",
  (one) => {
    test("is spent in two rounds", async () => {
      const { holders, psbt } = await begin(one, `case${one.index}`);
      const withNonces = await round(holders, psbt, one.sighash);
      const { musig2_pubnonces: nonces = [], musig2_partial_sigs: none } = await inputOf(withNonces);
      expect(nonces.length).toBeGreaterThanOrEqual(holders.length);
      expect(none).toBeUndefined();
      const withParts = await round(holders, withNonces, one.sighash);
      expect((await inputOf(withParts)).musig2_partial_sigs).toHaveLength(nonces.length);
      const { psbt: final } = await both<Processed>("finalizepsbt", withParts, false);
      expect((await inputOf(final)).final_scriptwitness).toHaveLength(one.witnessItems ?? 1);
      await spend(holders, await both<Processed>("finalizepsbt", withParts));
    });
  },
);

describe("between the rounds", () => {
  const [pair] = CASES as [Case];

  test("one after the other, without anybody who combines; the last one has it whole", async () => {
    const { holders, psbt } = await begin(pair, "chain");
    let at = psbt;
    for (const holder of holders) at = (await call<Processed>(holder, "walletprocesspsbt", at)).psbt;
    const [first, last] = holders as [Holder, Holder];
    const half = await call<Processed>(last, "walletprocesspsbt", at);
    const whole = await call<Processed>(first, "walletprocesspsbt", half.psbt);
    await spend(holders, await both<Processed>("finalizepsbt", whole.psbt));
  });

  test("the same PSBT a second time, and with another hash type, gives no second partial signature", async () => {
    const { holders, psbt } = await begin(pair, "again");
    const withNonces = await round(holders, psbt, undefined);
    const withParts = await round(holders, withNonces, undefined);
    for (const holder of holders) {
      for (const sighash of ["DEFAULT", "ALL", "NONE|ANYONECANPAY"]) {
        const again = await call<Processed>(holder, "walletprocesspsbt", withNonces, true, sighash);
        expect(again.complete).toBe(false);
        const { musig2_partial_sigs: parts, musig2_pubnonces: nonces } = await inputOf(again.psbt);
        expect(parts).toBeUndefined();
        expect(nonces).toHaveLength(2);
      }
    }
    await spend(holders, await both<Processed>("finalizepsbt", withParts));
  });

  test("a wallet may be locked, and has to be unlocked to go on", async () => {
    const { holders, psbt } = await begin(pair, "locked");
    for (const holder of holders) {
      await call(holder, "encryptwallet", "secret");
      await call(holder, "walletpassphrase", "secret", 1000);
    }
    const withNonces = await round(holders, psbt, undefined);
    for (const holder of holders) {
      await call(holder, "walletlock");
      await expect(call(holder, "walletprocesspsbt", withNonces)).rejects.toThrow("Please enter the wallet passphrase");
      await call(holder, "walletpassphrase", "secret", 1000);
    }
    await spend(holders, await both<Processed>("finalizepsbt", await round(holders, withNonces, undefined)));
  });

  test("a node that was started again has no secret nonces, signs nothing by the old ones, and begins anew", async () => {
    const { holders, psbt } = await begin(pair, "restart");
    const withNonces = await round(holders, psbt, undefined);
    for (const side of ["ours", "theirs"] as const) {
      await nodeOf(side).stop();
      await start(side);
    }
    for (const { node, wallet } of holders)
      await node()
        .call("loadwallet", wallet)
        .catch(() => undefined);
    for (const holder of holders) {
      expect(await call(holder, "walletprocesspsbt", withNonces)).toEqual({ psbt: withNonces, complete: false });
    }
    const anew = await round(holders, psbt, undefined);
    await spend(holders, await both<Processed>("finalizepsbt", await round(holders, anew, undefined)));
    for (const side of ["ours", "theirs"] as const) await nodeOf(side).stop();
  });
});
