import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { dataFolderDefault, prepareDataFolder } from "./data-folder.ts";

describe("the folder where nobody names one", () => {
  test.each([
    ["linux", {}, "/home/a/.local/share/bitfleet/desktop"],
    ["linux", { XDG_DATA_HOME: "/big disk" }, "/big disk/bitfleet/desktop"],
    ["linux", { XDG_DATA_HOME: "" }, "/home/a/.local/share/bitfleet/desktop"],
    ["linux", { XDG_DATA_HOME: "share" }, "/home/a/.local/share/bitfleet/desktop"],
    ["linux", { XDG_DATA_HOME: "./share" }, "/home/a/.local/share/bitfleet/desktop"],
    ["freebsd", { XDG_DATA_HOME: "/d" }, "/d/bitfleet/desktop"],
    ["darwin", { XDG_DATA_HOME: "/d" }, "/home/a/Library/Application Support/Bitfleet"],
    ["win32", { APPDATA: "/roaming" }, "/roaming/Bitfleet"],
    ["win32", {}, "/home/a/AppData/Roaming/Bitfleet"],
    ["win32", { APPDATA: "" }, "/home/a/AppData/Roaming/Bitfleet"],
  ] as const)("of %s with %j is %s", (platform, environment, folder) => {
    expect(dataFolderDefault(environment, platform, "/home/a")).toBe(folder);
  });

  test.each(["linux", "darwin", "win32"] as const)("is not guessed on %s where there is no home", (platform) => {
    for (const home of ["", "relative"]) {
      expect(() => dataFolderDefault({}, platform, home)).toThrow("Name a folder with --data.");
    }
  });

  test("needs no home where it is named", () => {
    expect(dataFolderDefault({ XDG_DATA_HOME: "/d" }, "linux", "")).toBe("/d/bitfleet/desktop");
  });
});

describe.skipIf(process.platform === "win32")("a folder that is made ready", () => {
  const place = () => {
    const folder = mkdtempSync(join(tmpdir(), "bitfleet-data-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  const modeOf = (path: string) => statSync(path).mode & 0o777;

  test("is this user's alone, also where it was others' before", () => {
    const folder = join(place(), "a/b c");
    prepareDataFolder(folder);
    expect(modeOf(folder)).toBe(0o700);
    chmodSync(folder, 0o755);
    prepareDataFolder(folder);
    expect(modeOf(folder)).toBe(0o700);
  });

  test("is not closed for others where a link leads to it", () => {
    const folder = place();
    mkdirSync(join(folder, "shared"));
    chmodSync(join(folder, "shared"), 0o755);
    symlinkSync("shared", join(folder, "link"));
    expect(() => prepareDataFolder(join(folder, "link"))).toThrow('Run "chmod 700" on it');
    expect(modeOf(join(folder, "shared"))).toBe(0o755);
  });

  test("cannot be below a file", () => {
    const folder = place();
    writeFileSync(join(folder, "file"), "");
    expect(() => prepareDataFolder(join(folder, "file/data"))).toThrow("cannot be made");
    expect(() => prepareDataFolder(join(folder, "file"))).toThrow("Name another with --data.");
  });
});
