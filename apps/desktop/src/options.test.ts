import { expect, test } from "vitest";
import { readOptions, readPaymentLink, URI_LENGTH_MAX } from "./options.ts";

const read = (...words: string[]) => readOptions(words, "/home/a");

test("an app alone has the user's own folder, the best window and the network of this machine", () => {
  expect(read("wallet")).toEqual({
    app: "wallet",
    dataFolder: undefined,
    target: { url: "http://127.0.0.1:8080", apiKey: "" },
    isTargetNamed: false,
    window: "auto",
    hasDevtools: false,
    uri: undefined,
  });
});

test("every option is taken, and a folder is seen from where the command runs", () => {
  const words = ["--data", "w/one", "--window", "chromium", "--devtools", "--network", "https://node.example"];
  expect(read("wallet", ...words, "--", "bitcoin:bc1qx?amount=1")).toEqual({
    app: "wallet",
    dataFolder: "/home/a/w/one",
    target: { url: "https://node.example", apiKey: "" },
    isTargetNamed: true,
    window: "chromium",
    hasDevtools: true,
    uri: "bitcoin:bc1qx?amount=1",
  });
  expect(read("admin", "--data", "/w").dataFolder).toBe("/w");
  expect(read("admin", "--url", "http://localhost:81").target.url).toBe("http://localhost:81");
});

test.each([
  [[], "An app is expected: wallet or admin."],
  [["desk"], "An app is expected: wallet or admin."],
  [["admin", "bitcoin:x"], '"bitcoin:x" is not expected behind admin.'],
  [["wallet", "bitcoin:x", "bitcoin:y"], '"bitcoin:y" is not expected behind wallet.'],
  [["wallet", "--window", "qt"], '--window is one of auto, webkit, chromium, browser, none, not "qt".'],
  [["wallet", "http://x"], "is no payment link"],
  [["wallet", "--unknown"], "--unknown"],
])("%j is refused with what was expected", (words, why) => {
  expect(() => readOptions(words, "/")).toThrow(why);
});

test("a network is an address of a server", () => {
  for (const url of ["ftp://x", "node", "http://a:b@node"]) expect(() => read("wallet", "--network", url)).toThrow();
});

test("a payment link begins with bitcoin:, has no spaces and ends somewhere", () => {
  expect(readPaymentLink(" BITCOIN:BC1QX\n")).toBe("BITCOIN:BC1QX");
  const longest = `bitcoin:${"x".repeat(URI_LENGTH_MAX - 8)}`;
  expect(readPaymentLink(longest)).toBe(longest);
  for (const wrong of [
    "",
    "bitcoin:",
    "bitcoin:a b",
    "bitcoin:ä",
    "bitcoin:a\nb",
    "javascript:bitcoin:x",
    `${longest}x`,
  ]) {
    expect(() => readPaymentLink(wrong)).toThrow("is no payment link");
  }
});
