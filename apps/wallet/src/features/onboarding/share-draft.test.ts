import { expect, test } from "vitest";
import { cosignersOf, newShareDraft, textOfSlot, withCount, withOwners, withSlot } from "./share-draft.ts";

test("begins with two of three, the first key of words that are here", () => {
  const draft = newShareDraft({ walletId: "w", account: 2 });
  expect(draft.required).toBe(2);
  expect(draft.slots.map(({ account }) => account)).toEqual(["2", "0", "0"]);
  expect(draft.slots.map(({ walletId }) => walletId)).toEqual(["w", undefined, undefined]);
});

test("keeps what was entered where keys are added, and asks for no more signatures than there are keys", () => {
  const draft = withSlot(newShareDraft(undefined), 0, { text: " key ", name: " Alice " });
  const more = withCount(draft, 5);
  expect(more.slots).toHaveLength(5);
  expect(more.required).toBe(2);
  expect(cosignersOf(more)[0]).toEqual({ text: "key", name: "Alice" });
  expect(withCount({ ...more, required: 5 }, 3).required).toBe(3);
  expect(withCount(draft, 1).slots).toHaveLength(2);
  expect(withCount(draft, 99).slots).toHaveLength(15);
});

test("a key of words that are here is the derived one, whatever was pasted before", () => {
  const [slot] = newShareDraft({ walletId: "w", account: 2 }).slots;
  expect(textOfSlot({ ...slot!, text: "pasted" })).toBe("");
  expect(textOfSlot({ ...slot!, text: "pasted", ownText: "derived" })).toBe("derived");
});

test("on another network the words of this one have no key", () => {
  const draft = withSlot(newShareDraft({ walletId: "w", account: 2 }), 0, { ownText: "derived" });
  expect(withOwners(draft, ["v", "w"])).toEqual(draft);
  expect(withOwners(draft, ["v"]).slots[0]).toMatchObject({ walletId: undefined, ownText: undefined });
});
