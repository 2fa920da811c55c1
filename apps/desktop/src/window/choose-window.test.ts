import { expect, test } from "vitest";
import { chooseWindow, openFirst, type WindowProbes } from "./choose-window.ts";

const probes = (more: Partial<WindowProbes> = {}): WindowProbes => ({
  hasDisplay: () => true,
  whyNoWebkit: () => undefined,
  chromium: () => "/usr/bin/chromium",
  ...more,
});
const without = { whyNoWebkit: () => "WebKitGTK is not installed" };

test("the best that is there is tried first, and then the others", () => {
  expect(chooseWindow("auto", probes())).toEqual({
    kinds: ["webkit", "chromium", "browser"],
    why: "WebKitGTK is installed",
  });
  expect(chooseWindow("auto", probes(without))).toEqual({
    kinds: ["chromium", "browser"],
    why: "WebKitGTK is not installed",
  });
  expect(chooseWindow("auto", probes({ chromium: () => undefined })).kinds).toEqual(["webkit", "browser"]);
  expect(chooseWindow("auto", probes({ ...without, chromium: () => undefined }))).toEqual({
    kinds: ["browser"],
    why: "WebKitGTK is not installed, and no Chromium, Chrome, Edge or Brave was found",
  });
});

test("without a screen there is none, and nothing else is looked at", () => {
  const fail = () => {
    throw new Error("looked");
  };
  const none = probes({ hasDisplay: () => false, whyNoWebkit: fail, chromium: fail });
  expect(chooseWindow("auto", none)).toMatchObject({ kinds: ["none"], why: expect.stringContaining("DISPLAY") });
});

test("what was asked for is the only one, whatever is there", () => {
  for (const kind of ["webkit", "chromium", "browser", "none"] as const) {
    expect(chooseWindow(kind, probes({ hasDisplay: () => false, ...without })).kinds).toEqual([kind]);
  }
});

test("the next is opened where one fails, and the reason is of the one before", async () => {
  const tried: string[] = [];
  const open = async (kind: string) => {
    tried.push(kind);
    if (kind !== "browser") throw new Error(`no ${kind} here`);
    return "window";
  };
  const nameOf = (kind: string) => `a window of ${kind}`;
  expect(await openFirst(chooseWindow("auto", probes()), open, nameOf)).toEqual({
    kind: "browser",
    opened: "window",
    why: "a window of chromium cannot be opened: no chromium here",
  });
  expect(tried).toEqual(["webkit", "chromium", "browser"]);
  expect(await openFirst(chooseWindow("browser", probes()), open, nameOf)).toMatchObject({
    why: "as asked for by --window",
  });
  await expect(openFirst(chooseWindow("webkit", probes()), open, nameOf)).rejects.toThrow(
    "No window can be opened: a window of webkit cannot be opened: no webkit here.",
  );
});
