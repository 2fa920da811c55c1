import { expect, test } from "vitest";
import { fileNameOf, languageInstead, wayOf, windowTitle } from "./policy.ts";

test("pages are told a language that there is", () => {
  for (const locale of ["C", "C.UTF-8", "POSIX", ""]) expect(languageInstead({ LANG: locale })).toBe("en-US");
  expect(languageInstead({})).toBe("en-US");
  expect(languageInstead({ LANG: "de_DE.UTF-8", LC_ALL: "C" })).toBe("en-US");
  for (const locale of ["de_DE.UTF-8", "en_GB", "ca@valencia", "Czech"]) {
    expect(languageInstead({ LANG: "C", LC_ALL: locale })).toBeUndefined();
  }
});

test("only the page's own origin is inside, and people alone lead elsewhere", () => {
  const origin = "http://127.0.0.1:5";
  for (const url of [origin, `${origin}/a`, `blob:${origin}/x`]) expect(wayOf(url, origin, false)).toBe("inside");
  expect(wayOf("https://a.example", origin, true)).toBe("elsewhere");
  expect(wayOf("https://a.example", origin, false)).toBe("nowhere");
  for (const url of [`${origin}0/`, "http://127.0.0.1:6/"]) expect(wayOf(url, origin, false)).toBe("nowhere");
  for (const url of ["file:///etc/passwd", "javascript:1", "about:blank"])
    expect(wayOf(url, origin, true)).toBe("nowhere");
});

test("names of files have no folders, and titles the program's name once", () => {
  expect(fileNameOf("../../.bashrc")).toBe("_.._.bashrc");
  expect(fileNameOf("")).toBe("bitfleet-download");
  expect(windowTitle("Blocks · Bitfleet", "Bitfleet Admin")).toBe("Blocks – Bitfleet Admin");
  expect(windowTitle(null, "Bitfleet Admin")).toBe("Bitfleet Admin");
});
