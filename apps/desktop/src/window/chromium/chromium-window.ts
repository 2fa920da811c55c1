import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { DesktopWindow, OpenWindow } from "../window.ts";
import { DevtoolsPipe } from "./devtools-pipe.ts";

const READY_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 3_000;
const POLL_MS = 50;
/** What an app's window begins with, until it is led to its page: nothing that names the page is on the command line. */
const FIRST_PAGE = "data:text/html,<title>Bitfleet</title>";

interface ChromiumHost {
  readonly isRoot: boolean;
  /** Whether there is a Wayland compositor and no X server. */
  readonly hasWaylandAlone: boolean;
}

/** What a browser of the Chromium family is started with: a window without bars, a profile of its own, and nothing that speaks to its maker. */
export function chromiumArguments(profile: string, programClass: string, host: ChromiumHost): readonly string[] {
  return [
    `--app=${FIRST_PAGE}`,
    `--user-data-dir=${profile}`,
    `--class=${programClass}`,
    `--name=${programClass}`,
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    // Nothing of what is typed, visited and shown is written down: no history, no form data, no passwords, as in a WebKitGTK window.
    "--incognito",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
    "--password-store=basic",
    "--no-proxy-server",
    "--window-size=1180,820",
    // It looks for X unless the session says by XDG_SESSION_TYPE that it is Wayland's; then this changes nothing.
    ...(host.hasWaylandAlone ? ["--ozone-platform=wayland"] : []),
    // Its sandbox does not run for root.
    ...(host.isRoot ? ["--no-sandbox", "--test-type"] : []),
  ];
}

/**
 * Opens windows by the browser `program`, each app with a profile of its own below the data folder. The browser is led to the page over a pipe:
 * the address with its token is in no file and on no command line; and where this process ends, however it does, the pipe does and the browser with it.
 */
export function chromiumWindows(program: string): OpenWindow {
  return async ({ app, address, dataFolder }) => {
    const profile = join(dataFolder, "browser-profile", app);
    mkdirSync(profile, { recursive: true, mode: 0o700 });
    await endLeftBehind(profile);
    const args = chromiumArguments(profile, `bitfleet-${app}`, {
      isRoot: process.getuid?.() === 0,
      hasWaylandAlone: process.platform === "linux" && !process.env.DISPLAY && Boolean(process.env.WAYLAND_DISPLAY),
    });
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    try {
      return await within(READY_TIMEOUT_MS, leadToPage(child, address.issueUrl));
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  };
}

async function leadToPage(child: ChildProcess, issueUrl: () => string): Promise<DesktopWindow> {
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the browser ended with code ${code}`)));
  });
  ended.catch(() => {});
  const gone: { targetId: string; onGone: () => void } = { targetId: "", onGone: () => {} };
  const pipe = new DevtoolsPipe(child.stdio[3] as Writable, child.stdio[4] as Readable, (method, params) => {
    if (method === "Target.targetDestroyed" && params.targetId === gone.targetId) gone.onGone();
  });
  const lead = async () => {
    await pipe.call("Target.setDiscoverTargets", { discover: true });
    const targetId = await firstPage(pipe);
    const { sessionId } = await pipe.call<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    await pipe.call("Page.navigate", { url: issueUrl() }, sessionId);
    // Nothing more is asked of the page itself.
    await pipe.call("Target.detachFromTarget", { sessionId });
    gone.targetId = targetId;
    return targetId;
  };
  const targetId = await Promise.race([lead(), ended]);
  const closed = once(child, "exit");
  const close = () => {
    pipe.call("Browser.close").catch(() => {});
    const clock = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    closed.then(() => clearTimeout(clock));
  };
  gone.onGone = close;
  return {
    raise: () => void pipe.call("Target.activateTarget", { targetId }).catch(() => {}),
    // The browser shows the page's own.
    setTitle: () => {},
    onClosed: (listener) => void closed.then(() => listener()),
    close,
  };
}

interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
}

async function firstPage(pipe: DevtoolsPipe): Promise<string> {
  for (;;) {
    const { targetInfos } = await pipe.call<{ targetInfos: readonly TargetInfo[] }>("Target.getTargets");
    const page = targetInfos.find((one) => one.type === "page" || one.type === "app");
    if (page !== undefined) return page.targetId;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** A browser that still has the profile, of a process that is gone, would take the new window for itself. Linux tells which it is. */
async function endLeftBehind(profile: string): Promise<void> {
  const pid = holderOf(profile);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + CLOSE_TIMEOUT_MS;
  while (holderOf(profile) === pid) {
    if (Date.now() > deadline) return void process.kill(pid, "SIGKILL");
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

function holderOf(profile: string): number | undefined {
  try {
    const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile, "SingletonLock")))?.[1]);
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return words.includes(`--user-data-dir=${profile}`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function within<Result>(timeoutMs: number, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const clock = setTimeout(() => reject(new Error("the browser does not answer")), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(clock));
  });
}
