import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A disk of so many megabytes in memory, gone with the test; `undefined` where this process may not mount one. */
export function tinyDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0700`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    process.stderr.write("\nSKIPPED: a test of a full disk, since this process may not mount one\n\n");
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}
