import { expect, test } from "vitest";
import { onlyLast } from "./only-last.ts";

test("of several who ask before it is loaded the last one gets it, and who asks later again", async () => {
  const asks: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const ask = onlyLast(() => new Promise<string>((answer, fail) => asks.push({ answer, fail })));
  const [first, second] = [ask(), ask()];
  asks[0]!.answer("dialog");
  asks[1]!.answer("dialog");
  expect(await Promise.all([first, second])).toEqual([undefined, "dialog"]);
  const [third, fourth] = [ask(), ask()];
  asks[3]!.fail(new Error("away"));
  asks[2]!.fail(new Error("away"));
  expect(await third).toBeUndefined();
  await expect(fourth).rejects.toThrow("away");
  const fifth = ask();
  asks[4]!.answer("dialog");
  expect(await fifth).toBe("dialog");
});
