import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { resultOfText } from "../test-kit.ts";

/** Path of a bitcoind to compare with; `undefined` where there is none. */
export const BITCOIND = process.env.CORE_BITCOIND;

/** A running Bitcoin Core on regtest. */
export class Core {
  readonly port: number;
  readonly cookie: string;
  readonly stop: () => Promise<void>;

  constructor(port: number, cookie: string, stop: () => Promise<void>) {
    this.port = port;
    this.cookie = cookie;
    this.stop = stop;
  }

  static async start(dataPath: string, more: readonly string[] = []): Promise<Core> {
    const port = 29_500 + (process.pid % 400);
    const flags = [
      "-regtest",
      `-datadir=${dataPath}`,
      `-rpcport=${port}`,
      "-listen=0",
      "-disablewallet",
      "-debuglogfile=0",
      ...more,
    ];
    const child = spawn(BITCOIND!, flags, { stdio: "ignore" });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const cookiePath = join(dataPath, "regtest", ".cookie");
    const stop = async () => {
      child.kill("SIGTERM");
      await ended;
    };
    for (let attempt = 0; attempt < 300; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (!existsSync(cookiePath)) continue;
      const core = new Core(port, readFileSync(cookiePath, "utf8"), stop);
      const text = await core.resultText("getblockcount").catch(() => "error");
      if (!text.startsWith("error")) return core;
    }
    await stop();
    throw new Error("bitcoind did not start");
  }

  resultText(method: string, params: unknown = []): Promise<string> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port: this.port, method: "POST", auth: this.cookie, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            text += part;
          });
          response.on("end", () => resolve(text === "" ? `status ${response.statusCode}` : resultOfText(text)));
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
