import { expect, test } from "vitest";
import { fileNameOf, isGranted, languageInstead, wayOf, windowTitle } from "./policy.ts";

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

test("the wallet may use the camera, no page a microphone or the screen, and every page the clipboard", () => {
  const origin = "http://127.0.0.1:5";
  const [wallet, admin, elsewhere] = [`${origin}/wallet-app/send`, `${origin}/wallet`, "https://a.example/wallet-app/"];
  const granted = (kind: string, url: string, { isOfSound = false, isOfScreen = false } = {}) =>
    isGranted({ kind: `WebKit${kind}PermissionRequest`, url, origin, isOfSound, isOfScreen });
  expect([wallet, admin].map((url) => granted("Clipboard", url))).toEqual([true, true]);
  for (const kind of ["UserMedia", "DeviceInfo"]) {
    expect([wallet, admin, elsewhere, ""].map((url) => granted(kind, url))).toEqual([true, false, false, false]);
  }
  expect(granted("UserMedia", wallet, { isOfSound: true })).toBe(false);
  expect(granted("UserMedia", wallet, { isOfScreen: true })).toBe(false);
  for (const kind of ["Geolocation", "Notification", "MediaKeySystem", "PointerLock"]) {
    expect(granted(kind, wallet)).toBe(false);
  }
});

test("names of files have no folders, and titles the program's name once", () => {
  expect(fileNameOf("../../.bashrc")).toBe("_.._.bashrc");
  expect(fileNameOf("")).toBe("bitfleet-download");
  expect(windowTitle("Blocks · Bitfleet", "Bitfleet Admin")).toBe("Blocks – Bitfleet Admin");
  expect(windowTitle(null, "Bitfleet Admin")).toBe("Bitfleet Admin");
});
