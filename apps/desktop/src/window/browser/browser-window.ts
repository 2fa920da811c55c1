import { spawn } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { APP_NAMES, type DesktopApp } from "../../apps.ts";
import { TOKEN_LIFE_MS } from "../../server/one-time-tokens.ts";
import type { DesktopWindow, OpenWindow } from "../window.ts";

/** Whether pages of an app are open, told by their streams of events. */
export interface Presence {
  countOf(app: DesktopApp): number;
  /** How many have come so far. */
  comingsOf(app: DesktopApp): number;
}

/** A page that is loaded anew, or was put to sleep for a moment, is not gone. */
const GONE_AFTER_MS = 8_000;
/** A browser that has to start first may take this long. */
const FIRST_AFTER_MS = TOKEN_LIFE_MS;
const LOOK_EVERY_MS = 500;
/** What shows an address has said by then that it cannot. */
const OPENED_WITHIN_MS = 30_000;

/**
 * Opens pages in the default browser. Whatever is on a command line others can see: the browser is given a file that only this user can read, with
 * a form that sends the token; so the token is in no address and in no history either. Each opening has a file of
 * its own, which goes as soon as its token is used: the browser may be slower than the next link. What a process that was killed has left goes
 * with the next window.
 */
export function browserWindows(presence: Presence, openByDefault: (url: string) => void): OpenWindow {
  return async ({ app, address, dataFolder }, { say }) => {
    for (const left of openingFiles(app, dataFolder)) removeFile(left);
    const files = new Set<string>();
    let openings = 0;
    const forget = (file: string) => {
      // Once: a window that is opened later writes files of these names anew.
      if (files.delete(file)) removeFile(file);
    };
    const show = () => {
      const file = join(dataFolder, `open-${app}-${++openings}.html`);
      const token = address.issueToken(() => forget(file));
      writeFileSync(file, openingPage(app, `${address.origin}/open`, token), { mode: 0o600 });
      files.add(file);
      setTimeout(() => forget(file), TOKEN_LIFE_MS).unref();
      openByDefault(pathToFileURL(file).href);
    };
    show();
    say(`${APP_NAMES[app]} opens in the default browser. It ends when its last page is closed, or with Ctrl-C here.`);
    return watchPages({ count: () => presence.countOf(app), comings: () => presence.comingsOf(app) }, show, () =>
      files.forEach(forget),
    );
  };
}

function openingFiles(app: DesktopApp, dataFolder: string): readonly string[] {
  const ofApp = new RegExp(`^open-${app}(-\\d+)?\\.html$`);
  return readdirSync(dataFolder)
    .filter((name) => ofApp.test(name))
    .map((name) => join(dataFolder, name));
}

/** Where another program has it open, some systems do not let it go: its token is void, and the next window tries again. */
function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nobody waits for it.
  }
}

/** Follows whether a page is there. Its own timers alone: what is looked at costs nothing. */
function watchPages(
  pages: { readonly count: () => number; readonly comings: () => number },
  show: () => void,
  onEnd: () => void,
): DesktopWindow {
  const listeners: (() => void)[] = [];
  let lastSeenMs = Date.now();
  let comings = pages.comings();
  let wasThere = false;
  const end = () => {
    clearInterval(watch);
    onEnd();
    for (const listener of listeners.splice(0)) listener();
  };
  const watch = setInterval(() => {
    // One may have come and gone between two looks.
    if (pages.count() > 0 || pages.comings() > comings) {
      comings = pages.comings();
      wasThere = true;
      lastSeenMs = Date.now();
    } else if (Date.now() - lastSeenMs > (wasThere ? GONE_AFTER_MS : FIRST_AFTER_MS)) end();
  }, LOOK_EVERY_MS);
  return {
    raise: () => {
      // Another page is on its way, while the last one may just be gone.
      wasThere = false;
      lastSeenMs = Date.now();
      show();
    },
    isRaisedByNewPage: true,
    setTitle: () => {},
    onClosed: (listener) => void listeners.push(listener),
    close: end,
  };
}

/** No style and no script but the one that sends the form. */
export function openingPage(app: DesktopApp, action: string, token: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>${APP_NAMES[app]}</title>
<form method="post" action="${action}"><input type="hidden" name="token" value="${token}">
<p>${APP_NAMES[app]} opens here. <button>Open</button></p></form>
<script>document.forms[0].submit();</script>
</html>
`;
}

/** Has the system's default browser show an address. `onProblem` is told where it cannot be started, and where what starts it says that it did not come about. */
export function openByDefault(url: string, onProblem: (text: string) => void): void {
  const [program, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program!, [...args, url], { stdio: "ignore", detached: true });
  child.once("error", () => onProblem(`No program opens addresses here (${program}). Open this one yourself: ${url}`));
  // Of a browser that it stays with, the code comes with its end, hours later.
  const begun = Date.now();
  child.once("exit", (code) => {
    if (!code || Date.now() - begun > OPENED_WITHIN_MS) return;
    onProblem(`${program} ended with code ${code}. If no page has opened, open this address yourself: ${url}`);
  });
  child.unref();
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
