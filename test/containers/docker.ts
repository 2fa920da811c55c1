/** Docker as the tests use it; which engine is meant stands in the environment. */
import { output, type RunOptions, run, until } from "./shell.ts";

export const docker = (args: readonly string[], options: RunOptions = {}) => output("docker", args, options);

/** One value of what `docker inspect` tells, by Go template. */
export const inspect = (name: string, template: string) => docker(["inspect", "-f", template, name]);

/** What a program in a container printed. Throws where it fails. */
export const exec = (name: string, ...args: string[]) => docker(["exec", name, ...args]);

/** bitcoin-cli in a container: JSON where it answers any, else its text. */
export async function cli<T = string>(name: string, ...args: (string | number)[]): Promise<T> {
  const text = await exec(name, "bitcoin-cli", ...args.map(String));
  try {
    return JSON.parse(text);
  } catch {
    return text as T;
  }
}

/** Removes containers by name, whether they are there or not, with the volumes that nobody named. */
export const remove = (...names: readonly string[]) => run("docker", ["rm", "-f", "-v", ...names], { mayFail: true });

/** Everything that a container wrote. */
export async function logsOf(name: string): Promise<string> {
  const { stdout, stderr } = await run("docker", ["logs", name], { mayFail: true });
  return `${stdout}${stderr}`;
}

/** Where a port of a container is published, as `127.0.0.1:8080`. */
export async function published(name: string, port: number): Promise<string> {
  return (await docker(["port", name, `${port}/tcp`])).split("\n")[0]!;
}

export const untilHealthy = (name: string) =>
  until(`healthy ${name}`, async () => (await inspect(name, "{{.State.Health.Status}}")) === "healthy", 120_000);

/** The answer of a web server of the network, out of its envelope. Throws with its error where it refuses. */
export async function api<T>(address: string, path: string, options: { key?: string; body?: object } = {}): Promise<T> {
  const response = await fetch(`http://${address}${path}`, {
    method: options.body === undefined ? "GET" : "POST",
    headers: {
      ...(options.key === undefined ? {} : { "x-api-key": options.key }),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const { success, data, error } = (await response.json()) as { success: boolean; data: T; error: string };
  if (!success) throw new Error(`${path} is answered ${response.status}: ${error}`);
  return data;
}
