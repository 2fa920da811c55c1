import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const PROGRAMS = ["Xvfb", "xdotool", "xwininfo"] as const;
const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
const [WIDTH, HEIGHT] = [1280, 900];
/** Smaller ones are a program's own: of a menu, or never shown. */
const SIDE_MIN = 300;
const LISTINGS_MAX = 10;
/** A window is listed before it is drawn, and takes no keys until then. */
const FOCUSINGS_MAX = 50;
const FOCUSING_EVERY_MS = 200;

/** Why windows cannot be tested on this machine; `undefined` where they can. */
export function whyNoScreen(): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  const missing = PROGRAMS.filter((name) => !folders.some((folder) => existsSync(path.join(folder, name))));
  return missing.length > 0
    ? `${missing.join(", ")} not installed (apt-get install xvfb xdotool x11-utils)`
    : undefined;
}

/** The same for windows of WebKitGTK. */
export function whyNoWebkit(): string | undefined {
  const isThere = LIBRARIES.some((folder) => existsSync(path.join(folder, "libwebkit2gtk-4.1.so.0")));
  return whyNoScreen() ?? (isThere ? undefined : "WebKitGTK is not installed (apt-get install libwebkit2gtk-4.1-0)");
}

/** A window as the X server has it. */
export interface ScreenWindow {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

/** A screen of its own, in memory; nothing manages its windows. */
export class Screen {
  readonly display: string;
  readonly #server: ChildProcess;
  readonly #folder: string;

  private constructor(server: ChildProcess, folder: string, display: string) {
    this.#server = server;
    this.#folder = folder;
    this.display = display;
  }

  static async start(): Promise<Screen> {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-screen-"));
    const args = ["-displayfd", "3", "-screen", "0", `${WIDTH}x${HEIGHT}x24`, "-nolisten", "tcp", "-fbdir", folder];
    const server = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
    return new Screen(server, folder, `:${number.toString().trim()}`);
  }

  /** Windows of a program that have a size of their own, the lowest first. */
  windows(programClass: string): readonly ScreenWindow[] {
    const lines = this.stack()
      .split("\n")
      .filter((line) => new RegExp(`"${programClass}"`, "i").test(line));
    return lines
      .map((line) => /^\s+(0x[0-9a-f]+) "(.*)": \(.*\)\s+(\d+)x(\d+)/.exec(line))
      .filter((found) => found !== null)
      .map(([, id, title, width, height]) => ({
        id: id!,
        title: title!,
        width: Number(width),
        height: Number(height),
      }))
      .filter(({ width, height }) => width >= SIDE_MIN && height >= SIDE_MIN)
      .reverse();
  }

  /** Which windows of all programs are there, the uppermost first. */
  stack(): string {
    for (let tried = 1; ; tried++) {
      try {
        return this.#run("xwininfo", "-root", "-children");
      } catch (error) {
        // A window that goes while it is listed ends the listing.
        if (tried === LISTINGS_MAX) throw error;
      }
    }
  }

  key(window: ScreenWindow, keys: string): void {
    this.#focus(window);
    this.#run("xdotool", "key", "--clearmodifiers", keys);
  }

  type(window: ScreenWindow, text: string): void {
    this.#focus(window);
    this.#run("xdotool", "type", text);
  }

  #focus({ id }: ScreenWindow): void {
    for (let tried = 1; ; tried++) {
      try {
        this.#run("xdotool", "windowfocus", "--sync", id);
        return;
      } catch (error) {
        if (tried === FOCUSINGS_MAX) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FOCUSING_EVERY_MS);
      }
    }
  }

  /** In a window, by the place in it. */
  click(window: ScreenWindow, [x, y]: readonly [number, number]): void {
    this.#run("xdotool", "mousemove", "--sync", "--window", window.id, String(x), String(y), "click", "1");
  }

  resize(window: ScreenWindow, width: number, height: number): void {
    this.#run("xdotool", "windowsize", "--sync", window.id, String(width), String(height));
  }

  /** How many colours are to be seen: a page that was not drawn has one or two. */
  colourCount(): number {
    const { bytes, start } = this.#pixels();
    const colours = new Set<number>();
    for (let at = start; at + 4 <= bytes.length; at += 4) colours.add(bytes.readUInt32LE(at) & 0xffffff);
    return colours.size;
  }

  colourAt(x: number, y: number): number {
    const { bytes, start } = this.#pixels();
    return bytes.readUInt32LE(start + (y * WIDTH + x) * 4) & 0xffffff;
  }

  #pixels(): { readonly bytes: Buffer; readonly start: number } {
    const bytes = readFileSync(path.join(this.#folder, "Xvfb_screen0"));
    // The X window dump format: the header's length, 76 bytes on the number of colours, each of 12 bytes; then the pixels.
    return { bytes, start: bytes.readUInt32BE(0) + bytes.readUInt32BE(76) * 12 };
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, "exit");
    this.#server.kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, ...args: string[]): string {
    const options = { env: { ...process.env, DISPLAY: this.display }, encoding: "utf8", timeout: 20_000 } as const;
    return execFileSync(program, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  }
}

/** Processes whose command line has a text in it, with their command lines; Linux alone. */
export function processesWith(text: string): readonly { readonly pid: number; readonly words: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return words.includes(text) ? [{ pid: Number(name), words }] : [];
      } catch {
        return [];
      }
    });
}

/** The children of a process, and theirs. */
export function descendantsOf(pid: number): readonly number[] {
  const children = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && parentOf(name) === pid;
    } catch {
      return false;
    }
  });
  return children.flatMap((name) => [Number(name), ...descendantsOf(Number(name))]);
}

/** Whether a process runs: one that has ended and waits to be noticed does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const parentOf = (name: string) => Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1]);
