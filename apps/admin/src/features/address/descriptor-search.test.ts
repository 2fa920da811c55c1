import { expect, test } from "vitest";
import { descriptorSearch } from "./descriptor-search.ts";

test("what was entered and how far to look are in the address", () => {
  expect(descriptorSearch({ d: "wpkh(tpub/0/*)", gap: 50 })).toEqual({ d: "wpkh(tpub/0/*)", gap: 50 });
  expect(descriptorSearch({ d: "", gap: 0 })).toEqual({});
  expect(descriptorSearch({ d: ["x"], gap: 201 })).toEqual({});
  expect(descriptorSearch({ d: "x".repeat(20_001), gap: 200 })).toEqual({ gap: 200 });
});
