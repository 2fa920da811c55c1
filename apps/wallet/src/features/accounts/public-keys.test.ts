import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { expect, test } from "vitest";
import { publicKeyIn, watchDescriptors } from "./public-keys.ts";

const KEY =
  "tpubDC5FSnBiZDMmhiuCmWAYsLwgLYrrT9rAqvTySfuCCrgsWz8wxMXUS9Tb9iVMvcRbvFcAHGkMD5Kx8koh4GquNGNTfohfk7pgjhaPCdXpoba";
const OTHER =
  "tpubDCBEcmVKbfC9KfdydyLbJ2gfNL88grZu1XcWSW9ytTM6fitvaRmVyr8Ddf7SjZ2ZfMx9RicjYAXhuh3fmLiVLPodPEqnQQURUfrBKiiVZc8";

test("the one extended key of a descriptor is found in it, without its path", () => {
  expect(publicKeyIn(`tr([73c5da0a/86h/1h/0h]${KEY}/<0;1>/*)#abcdefgh`)).toBe(KEY);
  expect(publicKeyIn(`wsh(sortedmulti(2,${KEY}/0/*,${OTHER}/0/*))`)).toBeUndefined();
  expect(publicKeyIn("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)")).toBeUndefined();
});

test("receiving and change are one descriptor where they differ in nothing else", () => {
  const of = (path: string, key = KEY) => withChecksum(`tr([73c5da0a/86h/1h/0h]${key}/${path}/*)`);
  expect(watchDescriptors([of("0"), of("1")])).toEqual([of("<0;1>")]);
  expect(watchDescriptors([of("1"), of("0"), of("0", OTHER)])).toEqual([of("<0;1>"), of("0", OTHER)]);
  expect(watchDescriptors([of("1")])).toEqual([of("1")]);
  const address = withChecksum("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)");
  expect(watchDescriptors([address])).toEqual([address]);
});
