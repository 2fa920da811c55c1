import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DesktopApp } from "../apps.ts";
import { LookFile } from "../look-file.ts";
import { type LocalServer, type LocalServerDependencies, startLocalServer } from "./local-server.ts";
import { readTarget, type Target } from "./target.ts";

/** A local process's server with two small pages, and how a window speaks to it. */
export interface TestServer {
  readonly server: LocalServer;
  /** Shows a token as a window does; answers cookie and key. */
  enter(app?: DesktopApp): Promise<Entered>;
  close(): Promise<void>;
}

export interface Entered {
  readonly cookie: string;
  readonly key: string;
  readonly path: string;
  /** What every request of the page has. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function startTestServer(
  targetUrl = "http://127.0.0.1:9",
  deps: Partial<LocalServerDependencies> = {},
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-desktop-"));
  const folders = { wallet: join(folder, "wallet"), admin: join(folder, "admin") };
  for (const [name, page] of Object.entries(folders)) {
    mkdirSync(join(page, "assets"), { recursive: true });
    writeFileSync(join(page, "index.html"), `<!doctype html><html><head><title>${name}</title></head></html>`);
    writeFileSync(join(page, "assets/script-abc.js"), `"${name}"`);
    writeFileSync(join(page, "sw.js"), "worker");
  }
  const target = readTarget(targetUrl) as Target;
  const server = await startLocalServer(
    { version: "0", folders, targets: { wallet: target, admin: target } },
    { nowMs: Date.now, onQuit: () => {}, look: new LookFile(folder), ...deps },
  );
  return {
    server,
    enter: (app = "wallet") => enter(server, app),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function enter(server: LocalServer, app: DesktopApp): Promise<Entered> {
  const opened = await ask(server.issueUrl({ app }));
  const cookie = opened.headers["set-cookie"]![0]!.split(";")[0]!;
  const path = opened.headers.location!;
  const document = await ask(`${server.origin}${path}`, { headers: { cookie } });
  const key = /name="bitfleet-desktop" content="([\w-]+)"/.exec(document.body)![1]!;
  return { cookie, key, path, headers: { cookie, "x-bitfleet-session": key } };
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address line as it is, where it is none that a URL can be. */
  readonly path?: string;
}

/** One request, of which everything may be chosen: also the Host. */
export function ask(url: string, { method = "GET", headers = {}, body, path }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, ...(path !== undefined && { path }) };
    const outgoing = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      answer.once("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
      answer.once("error", reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
