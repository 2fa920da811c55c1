import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KUBERNETES } from "./kubernetes/kubectl.ts";
import { find, type KubeObject, parseObjects } from "./kubernetes/objects.ts";
import { kubectl, SKIPPED } from "./kubernetes/shipped.ts";

/** deploy.sh, undeploy.sh and secrets.sh, with the real kustomize and, in the place of a cluster, a kubectl that notes what it is told. */

const run = promisify(execFile);
let folder: string;
/** What the cluster has, by the words that a question begins with. Nothing else is there. */
let answers: Record<string, string>;

const EVERYTHING = {
  "config current-context": "kind-bitfleet",
  "get --raw /readyz": "ok",
  "get --raw /apis/metrics.k8s.io": "{}",
  "get storageclass": "true",
  "get secret blockchain-secrets": "12345",
  "get service webserver-service -o jsonpath={.spec.type}": "NodePort",
  "get service webserver-service -o jsonpath={.spec.ports[0].nodePort}": "30080",
  "rollout status": "done",
  "get pods": "",
  "get persistentvolumeclaims": "miner-data-miner-0",
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-kubectl-"));
  await symlink(join(import.meta.dirname, "kubernetes/stub-kubectl.sh"), join(folder, "kubectl"));
  answers = { ...EVERYTHING };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script; what it applied, created and deleted is kept. */
async function script(name: string, ...args: string[]) {
  await rm(join(folder, "calls"), { force: true });
  const lines = Object.entries(answers).map(([question, answer]) => `${question}\t${answer}\n`);
  await writeFile(join(folder, "answers"), lines.join(""));
  const places = { PATH: `${folder}:${process.env.PATH}`, REAL_KUBECTL: realKubectl(), STUB_FOLDER: folder };
  const outcome: Outcome = await run(join(KUBERNETES, name), args, { env: { ...process.env, ...places } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => error,
  );
  const read = (file: string) => readFile(join(folder, file), "utf8").catch(() => "");
  return {
    ...outcome,
    calls: (await read("calls")).split("\n").filter((line) => line !== ""),
    applied: parseObjects(await read("applied.yaml")),
    deleted: parseObjects(await read("deleted.yaml")),
    created: parseObjects(await read("created.yaml")),
  };
}

/** Its path: by its name alone the stub would call itself. */
const realKubectl = () =>
  kubectl?.includes("/") ? kubectl : execFileSync("sh", ["-c", "command -v kubectl"]).toString().trim();

const changesOf = (calls: readonly string[]) => calls.filter((call) => /^(apply|create|delete)/.test(call));

describe.skipIf(SKIPPED)("deploy.sh", () => {
  test("applies the overlay, waits for each workload in the order of need, and says where the page is", async () => {
    const { code, stdout, calls, applied, stderr } = await script("deploy.sh", "local", "--yes");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("Cluster: context kind-bitfleet, namespace blockchain");
    expect(stdout).toContain("port 30080");
    expect(find(applied, "StatefulSet", "miner")).toBeDefined();
    const waited = calls.filter((call) => call.startsWith("rollout status")).map((call) => call.split(" ")[2]);
    expect(waited).toEqual(["deployment/redis", "statefulset/miner", "statefulset/wallet", "deployment/webserver"]);
    const left = (await readdir(join(KUBERNETES, "overlays"))).filter((name) => name.startsWith(".deploy"));
    expect(left, "of the layer that it makes").toEqual([]);
  });

  test("keeps the numbers of pods that the autoscalers have chosen", async () => {
    answers["get hpa webserver-hpa"] = "";
    answers["get deployment/webserver"] = "7";
    const { applied, stderr } = await script("deploy.sh", "local", "--yes");
    expect(find<Sized>(applied, "Deployment", "webserver")?.spec.replicas).toBe(7);
    expect(find<Sized>(applied, "StatefulSet", "miner")?.spec.replicas).toBe(3);
    expect(stderr).toBe("");
  });

  test("leaves miners stopped that somebody has stopped, as for a restore, and says so", async () => {
    answers["get hpa miner-hpa"] = "";
    answers["get statefulset/miner"] = "0";
    const { applied, stderr } = await script("deploy.sh", "local", "--yes");
    expect(find<Sized>(applied, "StatefulSet", "miner")?.spec.replicas).toBe(0);
    expect(stderr).toMatch(/^Warning: Miners or web servers have been scaled to 0, and stay so/);
  });

  test("marks pods by what they read: another edition of the Secret replaces them, the same one does not", async () => {
    const marks = async () => {
      const { applied } = await script("deploy.sh", "local", "--yes");
      const workloads = [
        find(applied, "StatefulSet", "miner"),
        find(applied, "Deployment", "webserver"),
        find(applied, "Deployment", "redis"),
      ];
      return workloads.map(markOf);
    };
    const before = await marks();
    expect(before[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(before).size, "each reads something else").toBe(3);
    expect(await marks()).toEqual(before);
    answers["get secret blockchain-secrets"] = "12346";
    const after = await marks();
    expect(after.filter((mark, index) => mark === before[index])).toEqual([]);
  });

  test("refuses an overlay in which nobody has set the host name, with the lines", async () => {
    const { code, stderr, calls } = await script("deploy.sh", "production", "--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(/still has example.com[\s\S]*registry.example.com/);
    expect(changesOf(calls)).toEqual([]);
  });

  test.each([
    ["config current-context", /knows no cluster: choose one with --context/],
    ["get --raw /readyz", /does not answer/],
    ["get storageclass", /no default StorageClass/],
  ] as const)("refuses to begin without %s", async (what, sentence) => {
    delete answers[what];
    const { code, stderr, calls } = await script("deploy.sh", "local", "--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(changesOf(calls)).toEqual([]);
  });

  test("says that autoscalers cannot count without the metrics-server, and goes on", async () => {
    delete answers["get --raw /apis/metrics.k8s.io"];
    const { code, stderr } = await script("deploy.sh", "local", "--yes");
    expect(code).toBe(0);
    expect(stderr).toContain("no metrics-server");
  });

  test("refuses a Secret that lacks a key", async () => {
    answers["get secret blockchain-secrets -o jsonpath={.data.REDIS_PASSWORD}"] = "";
    const { code, stderr, calls } = await script("deploy.sh", "local", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("has no REDIS_PASSWORD");
    expect(changesOf(calls)).toEqual([]);
  });

  test("changes nothing where nobody is there to be asked, or there is no such overlay", async () => {
    const unasked = await script("deploy.sh", "local");
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain("--yes");
    expect(changesOf(unasked.calls)).toEqual([]);
    const unknown = await script("deploy.sh", "nowhere", "--yes");
    expect(unknown.stderr).toMatch(/no overlay nowhere: local production staging/);
  });

  test("asks the cluster and changes nothing with --dry-run; before there is a namespace it looks at the form alone", async () => {
    delete answers["get secret blockchain-secrets"];
    const first = await script("deploy.sh", "local", "--dry-run", "--yes");
    expect(first.code).toBe(0);
    expect(changesOf(first.calls)).toEqual([expect.stringMatching(/^apply -k .* --dry-run=client$/)]);
    answers["get namespace blockchain"] = "";
    const later = await script("deploy.sh", "local", "--dry-run", "--yes");
    expect(changesOf(later.calls)).toEqual([expect.stringMatching(/^apply -k .* --dry-run=server$/)]);
    expect(later.stdout).toContain("Nothing was changed.");
  });

  test("names the workload that does not become ready", async () => {
    delete answers["rollout status"];
    const { code, stderr } = await script("deploy.sh", "local", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("deployment/redis is not ready");
  });
});

describe.skipIf(SKIPPED)("undeploy.sh", () => {
  test("stops everything and keeps claims, namespace, Secret and storage classes", async () => {
    const { code, deleted, calls, stdout } = await script("undeploy.sh", "production", "--yes");
    expect(code).toBe(0);
    const kinds = deleted.map(({ kind }) => kind);
    for (const kind of ["StatefulSet", "Deployment", "CronJob", "Service", "NetworkPolicy"])
      expect(kinds).toContain(kind);
    for (const kind of ["Namespace", "PersistentVolumeClaim", "StorageClass", "Secret"])
      expect(kinds).not.toContain(kind);
    expect(changesOf(calls)).toEqual(["delete --ignore-not-found -f -"]);
    expect(stdout).toContain("miner-data-miner-0");
  });

  test("deletes the data where that is asked for, and not unasked", async () => {
    const { calls } = await script("undeploy.sh", "local", "--delete-data", "--yes");
    expect(changesOf(calls)).toEqual([
      "delete --ignore-not-found -f -",
      "delete persistentvolumeclaims --all",
      "delete secret blockchain-secrets --ignore-not-found",
      "delete namespace blockchain --ignore-not-found",
    ]);
    const unasked = await script("undeploy.sh", "local", "--delete-data");
    expect(unasked.code).toBe(1);
    expect(changesOf(unasked.calls)).toEqual([]);
  });
});

describe.skipIf(SKIPPED)("secrets.sh", () => {
  test("never touches a Secret that is there", async () => {
    const { code, stderr, calls } = await script("secrets.sh", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("is there already");
    expect(changesOf(calls)).toEqual([]);
  });

  test("makes one with the keys of the example, each time another", async () => {
    delete answers["get secret blockchain-secrets"];
    const first = await script("secrets.sh", "--yes");
    expect(first.stderr).not.toMatch(/^Error/m);
    expect(first.code).toBe(0);
    const second = await script("secrets.sh", "--print");
    const [made, printed] = [first.created[0], parseObjects(second.stdout)[0]] as Keyed[];
    const [example] = parseObjects(await readFile(join(KUBERNETES, "base/secret.example.yaml"), "utf8")) as Keyed[];
    for (const secret of [made, printed]) {
      expect(secret?.metadata).toMatchObject({ name: "blockchain-secrets", namespace: "blockchain" });
      expect(Object.keys(secret?.stringData ?? {}).sort()).toEqual(Object.keys(example?.stringData ?? {}).sort());
    }
    expect(made?.stringData.TREASURY_MNEMONIC).not.toBe(printed?.stringData.TREASURY_MNEMONIC);
    expect(first.calls, "which refuses where there is one by now").toContain("create -f -");
    expect(changesOf(second.calls)).toEqual([]);
  });
});

test("shellcheck finds nothing", (context) => {
  try {
    execFileSync("shellcheck", ["--version"], { stdio: "pipe" });
  } catch {
    console.warn("SKIPPED: the scripts for Kubernetes are checked where shellcheck is");
    context.skip();
  }
  const scripts = ["deploy.sh", "undeploy.sh", "secrets.sh", "components/monitoring/copy-alerts.sh"];
  execFileSync("shellcheck", ["-x", ...scripts], { cwd: KUBERNETES, stdio: "pipe" });
});

interface Sized {
  spec: { replicas: number };
}
type Keyed = KubeObject & { stringData: Record<string, string> };
interface Templated {
  spec: { template: { metadata: KubeObject["metadata"] } };
}

const markOf = (object: KubeObject | undefined) =>
  (object as (KubeObject & Templated) | undefined)?.spec.template.metadata.annotations?.["bitfleet/config"];
