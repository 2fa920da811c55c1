import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { APP_NAMES, type DesktopApp } from "../../apps.ts";
import type { DesktopWindow, OpenWindow } from "../window.ts";
import { type FromWindow, readWindowSize, type ToWindow, type WindowSize } from "./messages.ts";

/** Until the page begins to come: a slow machine takes a few seconds. */
const READY_TIMEOUT_MS = 30_000;
/** Until a window that was told to close is ended. */
const CLOSE_TIMEOUT_MS = 3_000;

/** Where GTK and WebKit lie, in the usual places of distributions: nothing is loaded to know it. */
const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/lib64",
  "/lib",
];
const LIBRARIES = ["libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.0.so.37"];

/** Why there can be no WebKitGTK window, in a few words; `undefined` where one may be tried. */
export function whyNoWebkit(hostFile: string, canLoadKoffi: () => boolean): string | undefined {
  if (process.platform !== "linux") return "WebKitGTK is for Linux";
  const isThere = LIBRARY_FOLDERS.some((folder) => LIBRARIES.some((name) => existsSync(join(folder, name))));
  if (!isThere) return "WebKitGTK is not installed (apt-get install libwebkit2gtk-4.1-0)";
  if (!existsSync(hostFile)) return "the window's program is not built (npm run build)";
  return canLoadKoffi() ? undefined : "koffi is not installed (npm install koffi)";
}

/** Opens windows by `hostFile`, a process for each. */
export function webkitWindows(hostFile: string): OpenWindow {
  return async ({ app, address, dataFolder, iconFile, hasDevtools }, { say, openElsewhere, onDownload }) => {
    const child = spawn(process.execPath, [hostFile], { stdio: ["pipe", "pipe", "pipe"] });
    const order = (message: ToWindow) => child.stdin.writable && child.stdin.write(`${JSON.stringify(message)}\n`);
    child.stdin.on("error", () => {});
    const name = APP_NAMES[app];
    const ready = readyOf(child);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = JSON.parse(line) as FromWindow;
      if (told.is === "ready") ready.resolve();
      if (told.is === "failed") ready.reject(new Error(told.why));
      if (told.is === "closed") rememberSize(dataFolder, app, told.size);
      if (told.is === "elsewhere") openElsewhere(told.url);
      if (told.is === "saved") onDownload({ path: told.path });
      if (told.is === "not-saved") onDownload({ error: `${told.path} could not be saved. Is there room on the disk?` });
      if (told.is === "crashed") say(`The page of ${name} ended unexpectedly and was opened again.`);
    });
    const page = {
      url: address.issueUrl(),
      origin: address.origin,
      title: name,
      programClass: `bitfleet-${app}`,
      iconFile,
      size: rememberedSize(dataFolder, app),
      hasDevtools,
    };
    order({ do: "open", page });
    try {
      await ready.promise;
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
    return windowOf(child, order);
  };
}

function readyOf(child: ChildProcess) {
  let [resolve, reject] = [() => {}, (_error: Error) => {}];
  const promise = new Promise<void>((onReady, onProblem) => {
    resolve = onReady;
    reject = onProblem;
  });
  const clock = setTimeout(() => reject(new Error("the page does not come")), READY_TIMEOUT_MS);
  // GTK's own warnings are for developers: the last line is told where it ends at once.
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = text.trim().split("\n").at(-1) ?? "";
  });
  child.once("error", reject);
  child.once("exit", (code) => reject(new Error(`it ended with code ${code}${complaint && `: ${complaint}`}`)));
  promise.catch(() => {}).finally(() => clearTimeout(clock));
  return { promise, resolve, reject };
}

function windowOf(child: ChildProcess, order: (message: ToWindow) => unknown): DesktopWindow {
  // Not before its last lines are read.
  const closed = once(child, "close");
  return {
    raise: () => void order({ do: "raise" }),
    setTitle: (title) => void order({ do: "title", title }),
    onClosed: (listener) => void closed.then(() => listener()),
    close: () => {
      order({ do: "close" });
      const clock = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
      closed.then(() => clearTimeout(clock));
    },
  };
}

const SIZES_FILE = "windows.json";

function readSizes(dataFolder: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(readFileSync(join(dataFolder, SIZES_FILE), "utf8"));
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const rememberedSize = (dataFolder: string, app: DesktopApp) => readWindowSize(readSizes(dataFolder)[app]);

/** Not worth an error: the next window has the usual size. */
function rememberSize(dataFolder: string, app: DesktopApp, size: WindowSize): void {
  try {
    const sizes = { ...readSizes(dataFolder), [app]: size };
    writeFileSync(join(dataFolder, SIZES_FILE), `${JSON.stringify(sizes)}\n`, { mode: 0o600 });
  } catch {}
}
