import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { findChromium } from "./find-chromium.ts";

describe.skipIf(process.platform === "win32")("an installed browser of the Chromium family", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "bitfleet-browsers-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    for (const folder of ["one", "two"]) mkdirSync(join(root, folder));
  });
  const program = (path: string, text = "\x7fELF", mode = 0o755) => {
    writeFileSync(join(root, path), text, { mode });
    return join(root, path);
  };
  const find = (more: NodeJS.ProcessEnv = {}) => findChromium({ PATH: `${root}/one::${root}/two`, ...more }, "linux");

  test("is looked for on the PATH, Chromium before others", () => {
    expect(find()).toBeUndefined();
    const chrome = program("one/google-chrome");
    expect(find()).toBe(chrome);
    const chromium = program("two/chromium");
    expect(find()).toBe(chromium);
    expect(find({ PATH: "" })).toBeUndefined();
    expect(findChromium({}, "linux")).toBeUndefined();
  });

  test("is one that can be run, and no snap", () => {
    program("one/chromium", "", 0o644);
    program("one/chromium-browser", "#!/bin/sh\nexec /snap/bin/chromium");
    mkdirSync(join(root, "bin"));
    program("bin/snap");
    symlinkSync(join(root, "bin/snap"), join(root, "two/chromium"));
    expect(find()).toBeUndefined();
    const edge = program("two/microsoft-edge", "#!/bin/sh\nexec /opt/edge");
    expect(find()).toBe(edge);
  });

  test("is the one that is named, or none", () => {
    const chromium = program("one/chromium");
    const own = program("two/my browser");
    expect(find({ BITFLEET_CHROMIUM: own })).toBe(own);
    expect(find({ BITFLEET_CHROMIUM: "" })).toBe(chromium);
    expect(find({ BITFLEET_CHROMIUM: join(root, "nothing") })).toBeUndefined();
    expect(find({ BITFLEET_CHROMIUM: root })).toBeUndefined();
  });

  test("has no folder for a program", () => {
    mkdirSync(join(root, "one/chromium"));
    expect(find()).toBeUndefined();
  });
});
