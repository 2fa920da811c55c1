import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { describe, expect, test } from "vitest";
import { keysOfJson } from "./device-json.ts";

const TPUB =
  "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M";
/** BIP84's account, as SLIP132 and as BIP32 write it. */
const ZPUB =
  "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
const XPUB =
  "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V";

test("a generic export has a key for each kind of address", () => {
  const account = (deriv: string) => ({ name: "of one", xfp: "AAAAAAAA", deriv, xpub: TPUB, first: "tb1q…" });
  const keys = keysOfJson(
    JSON.stringify({
      chain: "XTN",
      xfp: "0F056943",
      account: 0,
      xpub: TPUB,
      bip44: account("m/44'/1'/0'"),
      bip84: { ...account("m/84h/1h/0h"), _pub: "vpub" },
      bip48_2: account("m/48h/1h/0h/2h"),
    }),
  );
  expect(keys).toEqual([
    {
      use: "wpkh",
      key: `[0f056943/84h/1h/0h]${TPUB}`,
      watched: `wpkh([0f056943/84h/1h/0h]${TPUB}/<0;1>/*)`,
    },
    { use: "pkh", key: `[0f056943/44h/1h/0h]${TPUB}`, watched: `pkh([0f056943/44h/1h/0h]${TPUB}/<0;1>/*)` },
    { use: "wsh-cosigner", key: `[0f056943/48h/1h/0h/2h]${TPUB}`, watched: undefined },
  ]);
});

test("an export for shared wallets has keys of cosigners", () => {
  const file = { xfp: "0f056943", account: "0", p2wsh_deriv: "m/48h/1h/0h/2h", p2wsh: TPUB, p2sh: TPUB };
  expect(keysOfJson(JSON.stringify(file))).toEqual([
    { use: "wsh-cosigner", key: `[0f056943/48h/1h/0h/2h]${TPUB}`, watched: undefined },
  ]);
});

test("a file of one key; what SLIP132 says of it is left to its path", () => {
  const file = { MasterFingerprint: "73C5DA0A", AccountKeyPath: "84'/0'/0'", ExtPubKey: ZPUB };
  const key = `[73c5da0a/84h/0h/0h]${XPUB}`;
  expect(keysOfJson(`  ${JSON.stringify(file, null, 2)}\n`)).toEqual([{ use: "any", key, watched: key }]);
  expect(keysOfJson(JSON.stringify({ ...file, AccountKeyPath: "m" }))?.[0]?.key).toBe(`[73c5da0a]${XPUB}`);
});

test("a wallet's file has its descriptor, with change where it names receiving addresses alone", () => {
  const watchedOf = (descriptor: string) => keysOfJson(JSON.stringify({ label: "ours", descriptor }))?.[0]?.watched;
  const multi = `wsh(sortedmulti(1,[0f056943/48h/1h/0h/2h]${TPUB}/0/*,${TPUB}/0/*))`;
  const both = multi.replaceAll("/0/*", "/<0;1>/*");
  expect([watchedOf(multi), watchedOf(withChecksum(multi))]).toEqual([both, both]);
  // With a wrong checksum it stays as it is, so that it is refused.
  expect(watchedOf(`${multi}#qqqqqqqq`)).toBe(`${multi}#qqqqqqqq`);
  for (const descriptor of [
    `wpkh(${TPUB}/<0;1>/*)#qqqqqqqq`,
    `wpkh(${TPUB}/1/*)`,
    `wsh(multi(1,${TPUB}/0/*,${TPUB}/1/*))`,
  ])
    expect(watchedOf(descriptor)).toBe(descriptor);
});

describe("has none", () => {
  test.each([
    ["what is no JSON", "{xfp"],
    ["a list", "[1]"],
    ["nothing", ""],
    ["null", "null"],
    ["another file", '{"a":1}'],
    ["a key of nobody", `{"xfp":"0f056943","bip84":{"deriv":"m/84h","xpub":"tpub"}}`],
    ["no fingerprint", `{"bip84":{"deriv":"m/84h","xpub":"${TPUB}"}}`],
    ["a fingerprint that is none", `{"xfp":"0f05694","bip84":{"deriv":"m/84h","xpub":"${TPUB}"}}`],
    ["a path that is none", `{"xfp":"0f056943","bip84":{"deriv":"m/84x","xpub":"${TPUB}"}}`],
    ["a path with too large a number", `{"xfp":"0f056943","bip84":{"deriv":"m/2147483648","xpub":"${TPUB}"}}`],
    ["a path that is a number", `{"xfp":"0f056943","bip84":{"deriv":84,"xpub":"${TPUB}"}}`],
    ["nothing in it", `{"xfp":"0f056943","bip84":null}`],
  ])("%s", (_name, text) => {
    expect(keysOfJson(text)).toBeUndefined();
  });
});
