import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * A thread that runs `url`. TypeScript (in development and tests) goes through tsx, which no thread inherits by itself. One that loads
 * native code is to be asked to end, never terminated: see `ScriptPool.close`.
 */
export function startThread(url: URL, workerData: unknown): Worker {
  if (!url.pathname.endsWith(".ts")) return new Worker(url, { workerData });
  const resolved = createRequire(import.meta.url).resolve("tsx/esm/api");
  const tsx = pathToFileURL(resolved.replace(/\.cjs$/, ".mjs")).href;
  const program = `import(${JSON.stringify(tsx)}).then((tsx) => (tsx.register(), import(${JSON.stringify(url.href)})))`;
  return new Worker(program, { eval: true, workerData, execArgv: [] });
}
