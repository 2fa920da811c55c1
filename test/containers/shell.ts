/** Programs run by the container tests: what they printed, and an error that says so where they failed. */
import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment; `undefined` takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Answer with the exit code instead of failing. */
  readonly mayFail?: boolean;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS_DEFAULT = 180_000;
/** Of what a program printed, as much stands in the error of its failure. */
const ERROR_TEXT_MAX = 3000;

/** Runs a program to its end. Throws where it fails, unless it may, and where it takes longer than `timeoutMs`. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  if (options.input !== undefined) child.stdin?.end(options.input);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS_DEFAULT;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const code = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      stderr += error.message;
      resolve(127);
    });
    child.once("close", (status) => resolve(status ?? 1));
  });
  clearTimeout(timer);
  if (code !== 0 && (isLate || !options.mayFail)) {
    const why = isLate ? `took longer than ${timeoutMs / 1000} s` : `ended with code ${code}`;
    const text = `${stdout}\n${stderr}`.trim().slice(-ERROR_TEXT_MAX);
    throw new Error(`${command} ${args.join(" ").slice(0, 400)} ${why}:\n${text}`);
  }
  return { code, stdout, stderr };
}

/** The standard output of a program that succeeds, without the space around it. */
export async function output(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return (await run(command, args, options)).stdout.trim();
}

/** Waits until `look` answers something other than `undefined` and `false`. The error of one that never does tells what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let last = "";
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > endMs) throw new Error(`after ${timeoutMs / 1000} s still no ${what}${last}`);
    await pause(250);
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
