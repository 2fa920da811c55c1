import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { keyTextsOf } from "./device-keys.ts";
import { PartsGatherer } from "./gather-parts.ts";
import { ACCOUNT, ACCOUNT_DESCRIPTOR, MASTER_KEY, OUTPUTS, TEST_KEY } from "./key-vectors.test-kit.ts";
import { messageOf } from "./parts.test-kit.ts";
import { readWhole, type WholeContent } from "./read-whole.ts";
import { urParts } from "./ur.ts";

async function read(text: string): Promise<WholeContent> {
  const added = new PartsGatherer().add(text, 0);
  if (added.kind !== "whole") throw new Error(added.kind);
  return readWhole(added.whole);
}
async function keysOf(text: string) {
  const content = await read(text);
  if (content.kind !== "keys") throw new Error(content.kind);
  return content.keys;
}
const watchedOf = async (text: string) => (await keysOf(text)).map(({ watched }) => watched);

const KEYS = {
  pkh: "[37b5eed4/44h/0h/0h]xpub6CnQkivUEH9bSbWVWfDLCtigKKgnSWGaVSRyCbN2QNBJzuvHT1vUQpgSpY1NiVvoeNEuVwk748Cn9G3NtbQB1aGGsEL7aYEnjVWgjj9tefu",
  "sh-wpkh":
    "[37b5eed4/49h/0h/0h]xpub6CtR1iF4dZPkEyXDwVf3HE74tSwXNMcHtBzX4gwz2UnPhJ54Jz5unHx2syYCCDkvVUmsmoYTmcaHXe1wJppvct4GMMaN5XAbRk7yGScRSte",
  wpkh: "[37b5eed4/84h/0h/0h]xpub6BkU445MSEBXbPjD3g2c2ch6mn8yy1SXXQUM7EwjgYiq6Wt1NDwDZ45npqWcV8uQC5oi2gHuVukoCoZZyT4HKq8EpotPMqGqxdZRuapCQ23",
  "sh-cosigner":
    "[37b5eed4/45h]xpub68JFLJTH96GUqC6SoVw5c2qyLSt776PGu5xde8ddVACuPYyarvSL827TbZGavuNbKQ8DG3VP9fCXPhQRBgPrS4MPG3zaZgwAGuPHYvVuY9X",
  "sh-wsh-cosigner":
    "[37b5eed4/48h/0h/0h/1h]xpub6EC9f7mLFJQoPaqDJ72Zbv67JWzmpXvCYQSecER9GzkYy5eWLsVLbHnxoAZ8NnnsrjhMLduJo9dG6fNQkmMFL3Qedj2kf5bEy5tptHPApNf",
  "wsh-cosigner":
    "[37b5eed4/48h/0h/0h/2h]xpub6EC9f7mLFJQoRQ6qiTvWQeeYsgtki6fBzSUgWgUtAujEMtAfJSAn3AVS4KrLHRV2hNX77YwNkg4azUzuSwhNGtcq4r2J8bLGMDkrQYHvoed",
  tr: "[37b5eed4/86h/0h/0h]xpub6DAvL2L5bgGSpDygSQUDpjwE47saoMk2rSRtYhN7Dma7HvnFLTXNrcSC1AmEN8G2SCD958bUwgc6Bew4sAFa2kqYynF8Rmu6P5jMt2FDPtm",
} as const;

describe.each([
  ["crypto-account", ACCOUNT],
  ["account-descriptor", ACCOUNT_DESCRIPTOR],
  ["in capitals", ACCOUNT.toUpperCase()],
])("an account has all of its keys: %s", (_name, text) => {
  test("each with its use and where it comes from", async () => {
    const keys = await keysOf(text);
    expect(Object.fromEntries(keys.map(({ use, key }) => [use, key]))).toEqual(KEYS);
    expect(keyTextsOf(keys)).toHaveLength(7);
    expect(keyTextsOf(keys, ["wsh-cosigner", "tr"]).sort()).toEqual([KEYS["wsh-cosigner"], KEYS.tr].sort());
  });

  test("and those of one signer alone can be watched", async () => {
    expect((await watchedOf(text)).filter((one) => one !== undefined).sort()).toEqual(
      [
        `pkh(${KEYS.pkh}/<0;1>/*)`,
        `sh(wpkh(${KEYS["sh-wpkh"]}/<0;1>/*))`,
        `wpkh(${KEYS.wpkh}/<0;1>/*)`,
        `tr(${KEYS.tr}/<0;1>/*)`,
      ].sort(),
    );
  });
});

/**
 * As the paper has them, but for two: the fourth's text names another number of the key under its parent than the path that is encoded, and in the fifth it leaves an
 * origin out.
 */
const DESCRIPTORS = [
  "pkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)",
  "sh(wpkh(03fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556))",
  "sh(multi(2,022f01e5e15cca351daff3843fb70f3c2f0a1bdd05e5af888a67784ef3e10a2a01,03acd484e2f0c7f65309ad178a9f559abde09796974c57e714c35f110dfc27ccbe))",
  "pkh([d34db33f/44h/0h/0h]xpub6ERApfZo8iKjF27Q45fjvqefrVGmihvW5UUuQKtnSrpcGZcdbqSsbxTDEbN9eS8TyxFphpe9VQui9v5mi7qxCQ825WXTWio5gpKxhQh1N7W/1/*)",
  "wsh(multi(1,xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB/1/0/*,[bd16bee5/0]xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH/0/0/*))",
];

test.each(DESCRIPTORS.map((descriptor, place) => [descriptor, OUTPUTS[place]!]))(
  "an output is a descriptor: %s",
  async (descriptor, text) => {
    expect(await watchedOf(text)).toEqual([descriptor]);
  },
);

test("an account's outputs may stand there without their tag", async () => {
  const key = `d9012f${map(PUBLIC_KEY, CHAIN_CODE, ORIGIN)}`;
  const [tagged, plain] = await Promise.all(
    ["d90134", ""].map((tag) => watchedOf(urOf("crypto-account", map("0101", `0281${tag}d90194${key}`)))),
  );
  expect(plain).toEqual(tagged);
  expect(plain![0]).toMatch(/^wpkh\(\[dc567276\/48h\/0h\/0h\/2h\]xpub\w+\/<0;1>\/\*\)$/u);
});

test("a key by itself, of a test network", async () => {
  const key =
    "tpubDHW3GtnVrTatx38EcygoSf9UhUd9Dx1rht7FAL8unrMo8r2NWhJuYNqDFS7cZFVbDaxJkV94MLZAr86XFPsAPYcoHWJ7sWYsrmHDw5sKQ2K";
  // Its path begins with 44h, and not with a fingerprint.
  expect(await keysOf(TEST_KEY)).toEqual([{ use: "pkh", key, watched: `pkh(${key}/<0;1>/*)` }]);
});

test("a key by itself, whose path begins nowhere, is for what the path says", async () => {
  const usesOf = async (path: string) =>
    (await keysOf(urOf("hdkey", map(PUBLIC_KEY, CHAIN_CODE, `06d99d70a101${path}`)))).map(({ use }) => use);
  expect(await usesOf("861856f500f500f5")).toEqual(["tr"]);
  expect(await usesOf("881830f500f500f502f5")).toEqual(["wsh-cosigner"]);
  expect(await usesOf("861854f400f500f5")).toEqual(["any"]);
  expect(await usesOf("8200f5")).toEqual(["any"]);
});

/** A map of CBOR from its pairs, in hex. */
const map = (...pairs: readonly string[]) => (0xa0 + pairs.length).toString(16) + pairs.join("");
const [CHAIN_CODE, PUBLIC_KEY] = [`045820${"11".repeat(32)}`, `035821${"02".repeat(33)}`];
const urOf = (type: string, hex: string) => urParts(type, fromHex(hex), 10_000).part(1);
/** `48h/0h/0h/2h` behind a fingerprint. */
const ORIGIN = "06d99d70a201881830f500f500f502f5021adc567276";
const BOTH = "07d99d70a101838400f401f480f4";

test("outputs of version 3 are their text with the keys in it", async () => {
  const key = `d99d6f${map(PUBLIC_KEY, CHAIN_CODE, ORIGIN, BOTH)}`;
  const text = (source: string) => Array.from(new TextEncoder().encode(source), (byte) => byte.toString(16)).join("");
  const output = (source: string) =>
    urOf(
      "output-descriptor",
      map(`0178${source.length.toString(16).padStart(2, "0")}${text(source)}`, `0282${key}${key}`),
    );
  const [, xpub] = /(\[dc567276\/48h\/0h\/0h\/2h\]xpub\w+)/u.exec((await watchedOf(output("wsh(pk(@0))")))[0]!) ?? [];
  expect(xpub).toHaveLength(23 + 111);
  expect(await watchedOf(output("wsh(sortedmulti(2,@0,@1))"))).toEqual([
    `wsh(sortedmulti(2,${xpub}/<0;1>/*,${xpub}/<0;1>/*))`,
  ]);
  expect(await watchedOf(output("wsh(sortedmulti(2,@0/0/*,@1/**))"))).toEqual([
    `wsh(sortedmulti(2,${xpub}/0/*,${xpub}/**))`,
  ]);
  for (const source of ["wsh(sortedmulti(2,@0,@2))", "wsh(multi(1,cosigner(@0)))"])
    expect(await read(output(source)), source).toEqual({ kind: "damaged" });
});

describe("a private key is known, and nothing of it handed on", () => {
  test.each([
    ["a master key", MASTER_KEY],
    ["one that says so", urOf("crypto-hdkey", map("02f5", PUBLIC_KEY, CHAIN_CODE))],
    ["one that does not say so", urOf("hdkey", map(`03582100${"22".repeat(32)}`, CHAIN_CODE))],
    ["in an output", urOf("crypto-output", `d90194d9012f${map("02f5", PUBLIC_KEY, CHAIN_CODE)}`)],
    ["a single one in an output", urOf("crypto-output", `d90193d90132${map("02f5", `035820${"22".repeat(32)}`)}`)],
    ["in an account", urOf("crypto-account", map("0101", `0281d90134d90194d9012f${map("01f5", PUBLIC_KEY)}`))],
  ])("%s", async (_name, text) => {
    expect(await read(text)).toEqual({ kind: "private-key" });
  });
});

describe("is not read", () => {
  test.each([
    ["a key of another coin", "hdkey", map(PUBLIC_KEY, CHAIN_CODE, "05d99d71a101183c")],
    ["a key that is too short", "hdkey", map(`035820${"02".repeat(32)}`, CHAIN_CODE)],
    ["a key from more than one path", "hdkey", map(PUBLIC_KEY, CHAIN_CODE, "06d99d70a1018280f4")],
    ["a range of keys", "crypto-output", `d90194d9012f${map(PUBLIC_KEY, CHAIN_CODE, "07d90130a10182820102f4")}`],
    ["a path of 256 steps", "hdkey", map(PUBLIC_KEY, CHAIN_CODE, `06d99d70a101990200${"00f4".repeat(256)}`)],
    ["a script that there is not", "crypto-output", `d9019ad9012f${map(PUBLIC_KEY, CHAIN_CODE)}`],
    ["scripts within scripts", "crypto-output", `${"d90190".repeat(20)}01`],
    ["an account without keys", "crypto-account", map("0101")],
    ["what is no CBOR", "crypto-account", "ff"],
    ["nothing but a number", "crypto-hdkey", "01"],
    ["a PSBT that is no bytes", "crypto-psbt", "01"],
  ])("%s", async (_name, type, hex) => {
    expect(await read(urOf(type, hex))).toEqual({ kind: "damaged" });
  });

  test("any bytes as any of the types, without a fall", async () => {
    for (const type of ["hdkey", "crypto-output", "crypto-account", "psbt", "bytes"])
      for (let size = 0; size < 200; size++) {
        const { kind } = await read(urOf(type, toHex(messageOf(size, type))));
        expect(["damaged", "text", "bytes"]).toContain(kind);
      }
  });
});
