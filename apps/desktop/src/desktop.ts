import { createRequire } from "node:module";
import { VERSION } from "@bitfleet/node/version.ts";
import { APP_NAMES, type DesktopApp, deepLinkPath } from "./apps.ts";
import { dataFolderDefault, prepareDataFolder } from "./data-folder.ts";
import { becomeInstance, type HandedOverAnswer } from "./instance/instance.ts";
import { LookFile } from "./look-file.ts";
import type { DesktopOptions, WindowWish } from "./options.ts";
import { type LocalServer, startLocalServer } from "./server/local-server.ts";
import type { PageFolders } from "./server/page-files.ts";
import { readTarget, TARGET_URL_DEFAULT, type Target } from "./server/target.ts";
import { SqlVault } from "./vault/sql-vault.ts";
import { vaultRoutes } from "./vault/vault-routes.ts";
import { browserWindows, openByDefault } from "./window/browser/browser-window.ts";
import { chooseWindow, openFirst } from "./window/choose-window.ts";
import { chromiumWindows } from "./window/chromium/chromium-window.ts";
import { findChromium } from "./window/chromium/find-chromium.ts";
import { webkitWindows, whyNoWebkit } from "./window/webkit/webkit-window.ts";
import type { DesktopWindow, OpenWindow, WindowKind } from "./window/window.ts";
import { requestOf, type WindowRequest } from "./window-request.ts";

/** Where the rest of the program is. */
export interface ProgramPlace {
  readonly folders: PageFolders;
  /** The program of a WebKitGTK window. */
  readonly windowHost: string;
  readonly icons: Readonly<Record<DesktopApp, string>>;
}

/** Runs until the last window is closed, or hands over to the process that runs already. Answers the exit code; throws `Error` with what to do. */
export async function runDesktop(options: DesktopOptions, place: ProgramPlace): Promise<number> {
  // Nothing that is made from here on is for others.
  process.umask(0o077);
  const dataFolder = options.dataFolder ?? dataFolderDefault();
  prepareDataFolder(dataFolder);
  const wish = requestOf(options);
  const desktop = new Desktop({ options, place, dataFolder });
  const instance = await becomeInstance(dataFolder, wish, (other) => desktop.handOver(other));
  if ("said" in instance) {
    say(instance.said);
    return 0;
  }
  const end = () => desktop.quit();
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    await desktop.run(wish);
  } finally {
    await instance.close();
    for (const signal of SIGNALS) process.off(signal, end);
  }
  return 0;
}

/** Until a page of the wallet has taken a link that was handed over; the second call waits for it. */
const LINK_TIMEOUT_MS = 4_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface DesktopState {
  readonly options: DesktopOptions;
  readonly place: ProgramPlace;
  readonly dataFolder: string;
}

/** The one process of a data folder: its server, and a window for each app. */
class Desktop {
  readonly #state: DesktopState;
  readonly #windows = new Map<DesktopApp, DesktopWindow>();
  readonly #opening = new Map<DesktopApp, Promise<string>>();
  /** What was opened with `--window none`: it ends when it is told to. */
  #printed = 0;
  #server: Promise<LocalServer> | undefined;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};
  #isEnding = false;

  constructor(state: DesktopState) {
    this.#state = state;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async run(wish: WindowRequest): Promise<void> {
    try {
      say(await this.#open(wish));
      await this.#ended;
    } finally {
      await (await this.#server)?.close();
    }
  }

  /** A second call's wish. */
  async handOver(wish: WindowRequest): Promise<HandedOverAnswer> {
    if (this.#isEnding) return undefined;
    const window = this.#windows.get(wish.app);
    const server = await this.#serverOnce();
    const { app, uri, url } = wish;
    const isComing = this.#opening.has(app);
    if (window === undefined && !isComing && server.events.countOf(app) === 0) {
      return { said: await this.#open(wish) };
    }
    server.events.send(app, { name: "focus", data: {} });
    const aboutNetwork = url === null ? "" : ` ${whatOfNetwork(app, url, server)}`;
    if (uri !== null) return { said: `${await this.#handOverLink(wish, uri, server)}${aboutNetwork}` };
    if (window === undefined) return { said: `${await this.#open(wish)}${aboutNetwork}` };
    window.raise();
    return { said: `${APP_NAMES[app]} is open already: its window is shown.${aboutNetwork}` };
  }

  /** Answers what became of it: a page that is just coming, or hangs, has not taken it yet. */
  async #handOverLink(wish: WindowRequest, uri: string, { deepLinks }: LocalServer): Promise<string> {
    const name = APP_NAMES[wish.app];
    const before = this.#windows.get(wish.app);
    if (before?.isRaisedByNewPage) deepLinks.keep(uri);
    else deepLinks.show(uri);
    before?.raise();
    await this.#opening.get(wish.app);
    if (await deepLinks.isTakenWithin(LINK_TIMEOUT_MS))
      return `${name} is open already: the link is shown there, as soon as the wallet is set up and unlocked.`;
    if (this.#windows.has(wish.app)) {
      return `${name} is open already, but its page has not come yet or does not answer: the link is shown once it does.`;
    }
    return this.#open(wish);
  }

  quit(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const window of this.#windows.values()) window.close();
    if (this.#windows.size === 0) this.#end();
  }

  /** Answers a sentence that says what was opened, and why that. */
  #open(wish: WindowRequest): Promise<string> {
    const opening = this.#opening.get(wish.app) ?? this.#openNow(wish);
    this.#opening.set(wish.app, opening);
    return opening.finally(() => this.#opening.delete(wish.app));
  }

  async #openNow({ app, window: kindWished, uri, url, hasDevtools }: WindowRequest): Promise<string> {
    const { place, dataFolder } = this.#state;
    const server = await this.#serverOnce();
    if (url !== null) server.beginWith(app, readTarget(url) as Target);
    if (uri !== null) server.deepLinks.forget();
    const first = uri === null ? undefined : deepLinkPath(uri);
    const open = async (kind: WindowKind): Promise<DesktopWindow | string> => {
      let path = first;
      // A page that the same window opens later does not show the link again.
      const opening = (onOpened?: () => void) => {
        const next = { app, path, onOpened };
        path = undefined;
        return next;
      };
      if (kind === "none") return server.issueUrl(opening());
      const address = {
        origin: server.origin,
        issueUrl: () => server.issueUrl(opening()),
        issueToken: (onOpened: () => void) => server.issueToken(opening(onOpened)),
      };
      return this.#openerOf(kind, server)(
        { app, address, dataFolder, iconFile: place.icons[app], hasDevtools },
        {
          say,
          openElsewhere: (url) => openByDefault(url, say),
          onDownload: (data) => void server.events.send(app, { name: "download", data }),
        },
      );
    };
    const { kind, opened, why } = await openFirst(this.#choose(kindWished), open, (one) => KIND_TEXTS[one]);
    if (typeof opened === "string") {
      this.#printed++;
      return `${opened}\nOpens ${APP_NAMES[app]} once, within a minute (${why}). Ctrl-C ends it.`;
    }
    this.#keep(app, opened);
    return `${APP_NAMES[app]} is open in ${KIND_TEXTS[kind]} (${why}).`;
  }

  #choose(wished: WindowWish) {
    const { windowHost } = this.#state.place;
    return chooseWindow(wished, {
      hasDisplay: () => process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY),
      whyNoWebkit: () => whyNoWebkit(windowHost, canLoadKoffi),
      chromium: findChromium,
    });
  }

  #openerOf(kind: Exclude<WindowKind, "none">, server: LocalServer): OpenWindow {
    if (kind === "webkit") {
      const why = whyNoWebkit(this.#state.place.windowHost, canLoadKoffi);
      if (why !== undefined) throw new Error(why);
      return webkitWindows(this.#state.place.windowHost);
    }
    if (kind === "browser") return browserWindows(server.events, (url) => openByDefault(url, say));
    const program = findChromium();
    if (program === undefined)
      throw new Error("no Chromium, Chrome, Edge or Brave was found; BITFLEET_CHROMIUM names one");
    return chromiumWindows(program);
  }

  #keep(app: DesktopApp, window: DesktopWindow): void {
    this.#windows.set(app, window);
    window.onClosed(() => {
      this.#windows.delete(app);
      const isInUse = this.#windows.size > 0 || this.#opening.size > 0 || (this.#printed > 0 && !this.#isEnding);
      if (!isInUse) this.#end();
    });
    // It may have been told to end while the window came.
    if (this.#isEnding) window.close();
  }

  #serverOnce(): Promise<LocalServer> {
    const { place, dataFolder } = this.#state;
    this.#server ??= startLocalServer(
      { version: VERSION, folders: place.folders, targets: { wallet: USUAL, admin: USUAL } },
      {
        nowMs: () => performance.now(),
        mountVault: (app, pages) => vaultRoutes(app, new SqlVault(dataFolder), { pages }),
        look: new LookFile(dataFolder),
        onQuit: () => this.quit(),
      },
    );
    return this.#server;
  }
}

/** What becomes of a network that was named for an app that is open. */
function whatOfNetwork(app: DesktopApp, url: string, { events }: LocalServer): string {
  if (app === "wallet") {
    return `--network was not followed: only the call that starts the program names what a new wallet is offered first. Choose another network during set-up; a wallet that is there has its own, and its settings change it.`;
  }
  const isTold = events.send(app, { name: "network", data: { url } }) > 0;
  return isTold ? `It goes to ${url}.` : "--url was not followed, as its page has not come yet: try again.";
}

const USUAL: Target = { url: TARGET_URL_DEFAULT, apiKey: "" };

const KIND_TEXTS: Readonly<Record<WindowKind, string>> = {
  webkit: "a WebKitGTK window",
  chromium: "a window of the installed browser",
  browser: "the default browser",
  none: "no window",
};

function canLoadKoffi(): boolean {
  try {
    createRequire(import.meta.url).resolve("koffi");
    return true;
  } catch {
    return false;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
