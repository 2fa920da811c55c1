import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../apps/desktop/src/window/chromium/find-chromium.ts";
import { NodeProcess } from "../browser/node-process.ts";
import { DesktopProcess, PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { descendantsOf, isRunning, processesWith, Screen, whyNoScreen, whyNoWebkit } from "./screen.ts";

/** A page that was not drawn has no more than the window's own few. */
const COLOURS_MIN = 40;

const KINDS = [
  { kind: "webkit", why: whatIsNotBuilt() ?? whyNoWebkit(), said: "a WebKitGTK window" },
  {
    kind: "chromium",
    why: whatIsNotBuilt() ?? whyNoScreen() ?? whyNoChromium(),
    said: "a window of the installed browser",
  },
] as const;

function whyNoChromium(): string | undefined {
  return findChromium() === undefined ? "no Chromium with windows is installed (apt-get install chromium)" : undefined;
}

describe.each(KINDS)("windows of $kind", ({ kind, why, said }) => {
  if (why !== undefined) {
    test.skip(`are not tested: ${why}`, () => {});
    console.warn(`NO WINDOW OF ${kind.toUpperCase()} WAS TESTED: ${why}`);
    return;
  }

  let screen: Screen;
  let node: NodeProcess;
  let data: string;
  const started: DesktopProcess[] = [];

  beforeAll(async () => {
    screen = await Screen.start();
    node = await NodeProcess.start();
    data = mkdtempSync(path.join(tmpdir(), "bitfleet-desktop-"));
  }, 120_000);
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop("SIGKILL");
  });
  afterAll(async () => {
    await node?.remove();
    await screen?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const start = (app: "wallet" | "admin", ...more: string[]) => {
    const words = [app, "--data", data, app === "admin" ? "--url" : "--network", node.url, "--window", kind, ...more];
    const one = new DesktopProcess(words, { DISPLAY: screen.display });
    started.push(one);
    return one;
  };
  const windowsOf = (app: string) => screen.windows(`bitfleet-${app}`);
  const opened = async (app: "wallet" | "admin") => {
    const one = start(app);
    await one.says(`is open in ${said}`);
    await expect.poll(() => windowsOf(app).length, PATIENT).toBe(1);
    return one;
  };

  test("show the page, with title and class, and leave the last one with code 0", async () => {
    const admin = await opened("admin");
    await expect.poll(() => windowsOf("admin")[0]?.title, PATIENT).toMatch(/Bitfleet/);
    expect(windowsOf("admin")[0]).toMatchObject({ width: 1180, height: 820 });
    await expect.poll(() => screen.colourCount(), PATIENT).toBeGreaterThan(COLOURS_MIN);
    // What others can see: the command lines of all processes.
    const told = processesWith("127.0.0.1:").filter(({ words }) => /token|\/open/.test(words));
    expect(told).toEqual([]);
    expect(openFiles(data)).toEqual([]);
    const all = [admin.pid, ...descendantsOf(admin.pid)];
    expect(all.length).toBeGreaterThan(2);
    screen.key(windowsOf("admin")[0]!, kind === "webkit" ? "ctrl+q" : "ctrl+w");
    expect(await admin.ended()).toBe(0);
    await expect.poll(() => all.filter(isRunning), PATIENT).toEqual([]);
    expect(admin.errors).toBe("");
  });

  test("are one for each app, all of one process; a second call shows the one that is there", async () => {
    const wallet = await opened("wallet");
    const admin = start("admin");
    expect(await admin.ended()).toBe(0);
    expect(admin.output).toContain("Bitfleet Admin is open in");
    await expect.poll(() => windowsOf("admin").length, PATIENT).toBe(1);
    await expect.poll(() => uppermost(screen), PATIENT).toBe("admin");
    const again = start("wallet");
    expect(await again.ended()).toBe(0);
    expect(again.output).toContain("Bitfleet Wallet is open already");
    expect(windowsOf("wallet")).toHaveLength(1);
    await expect.poll(() => uppermost(screen), PATIENT).toBe("wallet");
    screen.key(windowsOf("wallet")[0]!, "ctrl+w");
    await expect.poll(() => windowsOf("wallet").length, PATIENT).toBe(0);
    // The other one is still there, and so is its process.
    expect([windowsOf("admin").length, wallet.child.exitCode]).toEqual([1, null]);
    screen.key(windowsOf("admin")[0]!, "ctrl+w");
    expect(await wallet.ended()).toBe(0);
  });

  const signals = kind === "webkit" ? (["SIGINT", "SIGTERM", "SIGHUP"] as const) : (["SIGTERM"] as const);
  test.each(signals)("end with %s, code 0, and leave nothing running", async (signal) => {
    const admin = await opened("admin");
    const all = descendantsOf(admin.pid);
    expect(await admin.stop(signal)).toBe(0);
    await expect.poll(() => all.filter(isRunning), PATIENT).toEqual([]);
    expect(windowsOf("admin")).toEqual([]);
  });

  test("go where their process is killed, and open again from what it left", async () => {
    const killed = await opened("wallet");
    const all = descendantsOf(killed.pid);
    await killed.stop("SIGKILL");
    await expect.poll(() => all.filter(isRunning), PATIENT).toEqual([]);
    const wallet = await opened("wallet");
    expect(await wallet.stop()).toBe(0);
  });

  test("leave nothing on the disk of what they showed", async () => {
    const shown = "bcrt1qofnobodywhomayknow";
    const wallet = start("wallet", `bitcoin:${shown}?label=${shown}`);
    await wallet.says(`is open in ${said}`);
    await expect.poll(() => windowsOf("wallet")[0]?.title, PATIENT).toMatch(/Wallet/);
    expect(await wallet.stop()).toBe(0);
    expect(filesWith(data, shown)).toEqual([]);
    expect(filesWith(data, "token=")).toEqual([]);
  });

  test.runIf(kind === "webkit")("have the size that they were left with", async () => {
    const admin = await opened("admin");
    screen.resize(windowsOf("admin")[0]!, 900, 640);
    await expect.poll(() => windowsOf("admin")[0], PATIENT).toMatchObject({ width: 900, height: 640 });
    expect(await admin.stop()).toBe(0);
    const next = await opened("admin");
    expect(windowsOf("admin")[0]).toMatchObject({ width: 900, height: 640 });
    expect(await next.stop()).toBe(0);
  });
});

/** Everything below a folder that has a text in it. */
function filesWith(folder: string, text: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  return all.filter((file) => lstatSync(file).isFile() && readFileSync(file).includes(text));
}

/** Everything below a folder that others could read. */
function openFiles(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  // The browser's own profile is behind a folder that is closed.
  const own = all.filter((file) => !path.relative(folder, file).startsWith("browser-profile/"));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  return own.filter((file) => !lstatSync(file).isSymbolicLink() && (statSync(file).mode & 0o077) !== 0);
}

function uppermost(screen: Screen): string | undefined {
  return /"bitfleet-(wallet|admin)".*?\)\s+\d{3,}x/i.exec(screen.stack())?.[1];
}
