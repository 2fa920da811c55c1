import { expect, test } from "vitest";
import { publicKeyIn } from "./public-key.ts";

const KEY =
  "tpubDC5FSnBiZDMmhiuCmWAYsLwgLYrrT9rAqvTySfuCCrgsWz8wxMXUS9Tb9iVMvcRbvFcAHGkMD5Kx8koh4GquNGNTfohfk7pgjhaPCdXpoba";
const OTHER =
  "tpubDCBEcmVKbfC9KfdydyLbJ2gfNL88grZu1XcWSW9ytTM6fitvaRmVyr8Ddf7SjZ2ZfMx9RicjYAXhuh3fmLiVLPodPEqnQQURUfrBKiiVZc8";

test("the one extended key of a descriptor is found in it, without its path", () => {
  expect(publicKeyIn(`tr([73c5da0a/86h/1h/0h]${KEY}/<0;1>/*)#abcdefgh`)).toBe(KEY);
  expect(publicKeyIn(`wsh(sortedmulti(2,${KEY}/0/*,${OTHER}/0/*))`)).toBeUndefined();
  expect(publicKeyIn("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)")).toBeUndefined();
});
