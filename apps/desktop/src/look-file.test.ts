import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LookFile, readLook } from "./look-file.ts";

describe("the look of the windows", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitfleet-look-"));
    file = join(folder, "look.json");
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });

  test("is nothing before something was chosen, and then what was chosen last, also after a start", async () => {
    const kept = new LookFile(folder);
    expect(kept.look).toEqual({});
    await Promise.all([kept.change({ theme: "light" }), kept.change({ unit: "sats" }), kept.change({ theme: "dark" })]);
    expect(kept.look).toEqual({ theme: "dark", unit: "sats" });
    expect(new LookFile(folder).look).toEqual({ theme: "dark", unit: "sats" });
    expect(readdirSync(folder)).toEqual(["look.json"]);
  });

  test("is in a file of this user alone", async () => {
    await new LookFile(folder).change({ theme: "light" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["no JSON", "{"],
    ["no choices", "[]"],
    ["a theme that there is not", '{"theme":"pink"}'],
    ["a unit that ends an attribute", '{"unit":"sats\\"><script>"}'],
    ["an endless file", `{"theme":"light","more":"${"x".repeat(1024)}"}`],
  ])("is that of the system where the file has %s", (_what, text) => {
    writeFileSync(file, text);
    expect(new LookFile(folder).look).toEqual({});
  });

  test("is read from no other place that a link leads to, and replaces the link", async () => {
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, '{"theme":"light"}');
    symlinkSync(elsewhere, file);
    const kept = new LookFile(folder);
    expect(kept.look).toEqual({});
    await kept.change({ theme: "dark" });
    expect(readFileSync(elsewhere, "utf8")).toBe('{"theme":"light"}');
    expect(new LookFile(folder).look).toEqual({ theme: "dark" });
  });

  test("that cannot be written is said, counts until the end, and a later one is tried anew", async () => {
    const kept = new LookFile(join(folder, "missing"));
    await expect(kept.change({ theme: "light" })).rejects.toThrow(/ENOENT/);
    expect(kept.look).toEqual({ theme: "light" });
    await expect(kept.change({ unit: "sats" })).rejects.toThrow(/ENOENT/);
  });

  test("is read with the names that are known", () => {
    expect(readLook({ theme: "auto", unit: "BTC", size: 3 })).toEqual({ theme: "auto", unit: "BTC" });
    for (const none of [undefined, null, "light", ["light"], { theme: null }, { unit: 1 }]) {
      expect(readLook(none)).toBeUndefined();
    }
  });
});
