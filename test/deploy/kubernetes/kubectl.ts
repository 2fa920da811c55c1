import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../../..");
/** Where .ci/get-deploy-tools puts one that the machine did not have. */
const UNPACKED = join(ROOT, "node_modules/.cache/bitfleet-deploy-tools/usr/bin/kubectl");
const KUSTOMIZE_MAJOR_MIN = 5;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export const KUBERNETES = join(ROOT, "deploy/kubernetes");

/** A kubectl with kustomize 5 or newer: `KUBECTL`, the one on the PATH, or the one that CI unpacked; `undefined` where there is none. */
export function findKubectl(): string | undefined {
  return [process.env.KUBECTL, "kubectl", UNPACKED].find((command) => command !== undefined && hasKustomize(command));
}

function hasKustomize(command: string): boolean {
  if (command.includes("/") && !existsSync(command)) return false;
  try {
    const output = execFileSync(command, ["version", "--client"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
    return Number(/Kustomize Version: v(\d+)\./.exec(output)?.[1] ?? 0) >= KUSTOMIZE_MAJOR_MIN;
  } catch {
    return false;
  }
}

/** What `kubectl apply -k` of a folder of deploy/kubernetes would apply, as YAML. Rejects with kustomize's own words. */
export async function kustomize(kubectl: string, folder: string): Promise<string> {
  const { stdout } = await run(kubectl, ["kustomize", join(KUBERNETES, folder)], { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}

/** The same of the base, or of an overlay, with components added. */
export async function kustomizeWith(kubectl: string, components: readonly string[], onto = "base"): Promise<string> {
  const folder = await mkdtemp(join(KUBERNETES, "overlays/.test-"));
  try {
    const content = {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      namespace: "blockchain",
      resources: [relative(folder, join(KUBERNETES, onto))],
      components: components.map((name) => `../../components/${name}`),
    };
    // JSON is YAML, too.
    await writeFile(join(folder, "kustomization.yaml"), JSON.stringify(content));
    return await kustomize(kubectl, relative(KUBERNETES, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
