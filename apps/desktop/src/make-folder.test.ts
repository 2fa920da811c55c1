import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-make-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a folder is made with all that it lies in, and may be there already", () => {
  const folder = join(place(), "a/b c/d");
  makeFolder(folder, 0o700);
  makeFolder(folder, 0o755);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "..")).mode & 0o777).toBe(0o700);
});

test("what is no folder is named, and nothing is made", () => {
  const folder = place();
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  expect(() => makeFolder(join(folder, "file/x/y"))).toThrow(`${folder}/file is there already and is no folder`);
  expect(() => makeFolder(join(folder, "link/x"))).toThrow(`${folder}/link is there already and is no folder`);
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
});

test.runIf(process.platform === "linux")("there is an end where the system lets nobody make one", () => {
  expect(() => makeFolder("/proc/nobody/x/y")).toThrow("the system lets nobody make /proc/nobody");
  expect(() => makeFolder("/dev/null/x")).toThrow("/dev/null is there already and is no folder");
});
