import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const why = whatIsNotBuilt() ?? whyNoWebkit();
if (why !== undefined) console.warn(`NO PACKAGE OF THE DESKTOP WAS TESTED: ${why}`);

test.skipIf(why !== undefined)("the packed folder opens its window where there is no Node", async () => {
  execFileSync(process.execPath, ["scripts/package-desktop.mjs"], { cwd: ROOT, stdio: "ignore" });
  const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-package-"));
  const screen = await Screen.start();
  try {
    const made = path.join(ROOT, "dist/desktop");
    const archive = readdirSync(made).find((name) => name.endsWith(".tar.gz"))!;
    execFileSync("tar", ["-C", folder, "-xzf", path.join(made, archive)]);
    // What a launcher may call, and nothing else.
    const tools = path.join(folder, "tools");
    mkdirSync(tools);
    for (const tool of ["sh", "dirname", "readlink"]) {
      symlinkSync(["/bin", "/usr/bin"].map((bin) => path.join(bin, tool)).find(existsSync)!, path.join(tools, tool));
    }
    const program = path.join(folder, archive.replace(".tar.gz", ""), "bitfleet-wallet");
    const child = spawn(program, [], {
      cwd: "/",
      env: { PATH: tools, HOME: folder, DISPLAY: screen.display },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    try {
      await expect
        .poll(() => said || String(child.exitCode), PATIENT)
        .toContain("Bitfleet Wallet is open in a WebKitGTK window");
      await expect.poll(() => screen.windows("bitfleet-wallet").length, PATIENT).toBe(1);
      await expect.poll(() => screen.colourCount(), PATIENT).toBeGreaterThan(40);
      expect(existsSync(path.join(folder, ".local/share/bitfleet/desktop/desktop.sock"))).toBe(true);
    } finally {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
    }
  } finally {
    await screen.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
