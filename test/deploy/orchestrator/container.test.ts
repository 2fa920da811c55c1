import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { containerEnvironment, expand, type PodIdentity, serviceLinks } from "./container-environment.ts";
import { dockerfileSettings, imageOf } from "./container-image.ts";
import { applyText, readManifests } from "./manifests.ts";
import { prepareVolumes } from "./volumes.ts";

/** What a container is given: variables, settings of its image, and volumes. */

const MANIFESTS = `
apiVersion: v1
kind: ConfigMap
metadata: { name: config, namespace: n }
data: { ROLE: "yes", FILE: "a text" }
---
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: n }
data: { PASSWORD: cGFzcw== }
`;
const manifests = readManifests(MANIFESTS);
const POD: PodIdentity = {
  name: "miner-2",
  namespace: "n",
  uid: "1",
  address: "10.244.0.7",
  nodeAddress: "169.254.1.1",
  labels: { app: "miner" },
  annotations: {},
};

describe("variables", () => {
  const of = (env: object[], envFrom: object[] = []) =>
    containerEnvironment(
      { name: "c", image: "i", env, envFrom } as never,
      { PATH: "/bin", ROLE: "no" },
      {},
      POD,
      manifests,
    );

  test("come from the image, from ConfigMaps and Secrets, and from the pod itself", () => {
    const env = [
      { name: "ROLE", valueFrom: { configMapKeyRef: { name: "config", key: "ROLE" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "keys", key: "PASSWORD" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: "URL", value: "redis://:$(PASSWORD)@redis" },
    ];
    expect(of(env)).toEqual({
      PATH: "/bin",
      ROLE: "yes",
      PASSWORD: "pass",
      POD_IP: "10.244.0.7",
      APP: "miner",
      URL: "redis://:pass@redis",
    });
    expect(of([], [{ prefix: "P_", configMapRef: { name: "config" } }])).toMatchObject({
      ROLE: "no",
      P_ROLE: "yes",
      P_FILE: "a text",
    });
  });

  test("that are missing keep the container from starting, unless they are optional", () => {
    const key = (optional: boolean) => [
      { name: "X", valueFrom: { secretKeyRef: { name: "keys", key: "NONE", optional } } },
    ];
    expect(() => of(key(false))).toThrow("couldn't find key NONE of keys");
    expect(of(key(true))).not.toHaveProperty("X");
    expect(() => of([], [{ secretRef: { name: "none" } }])).toThrow('secret "none" not found');
  });

  test("a name that nobody has set yet stays as it is, and two dollars are one", () => {
    expect(
      of([
        { name: "URL", value: "$(LATER)" },
        { name: "LATER", value: "x" },
      ]).URL,
    ).toBe("$(LATER)");
    expect(expand("$$(A) $(A) $(B) $C", { A: "1" })).toBe("$(A) 1 $(B) $C");
  });

  test("a boolean in a ConfigMap, which an API server refuses, is refused here", () => {
    const wrong = readManifests(MANIFESTS.replace('"yes"', "yes"));
    const env = [{ name: "ROLE", valueFrom: { configMapKeyRef: { name: "config", key: "FILE" } } }];
    expect(() => containerEnvironment({ name: "c", image: "i", env }, {}, {}, POD, wrong)).toThrow(
      'ROLE of configmap "config" is true, a boolean: quote it.',
    );
  });

  test("of services have their names", () => {
    expect(serviceLinks("my-redis", "10.96.0.20", [{ port: 6379, name: "redis" }])).toMatchObject({
      MY_REDIS_SERVICE_HOST: "10.96.0.20",
      MY_REDIS_PORT: "tcp://10.96.0.20:6379",
      MY_REDIS_SERVICE_PORT_REDIS: "6379",
    });
  });
});

describe("manifests", () => {
  test("of a kind that nobody thought of are refused", () => {
    const text = "{ apiVersion: v1, kind: Pod, metadata: { name: p, namespace: n } }";
    expect(() => readManifests(text)).toThrow("The orchestrator knows no Pod (p)");
    expect(() => applyText(manifests, text)).toThrow("A Pod cannot be applied here");
  });
});

describe("an image", () => {
  test("is as the last stage of its Dockerfile says", () => {
    const text =
      'FROM a AS build\nENV A=0\nFROM b\n# ENV A=1\nENV A="x y" \\\n    B=2\nWORKDIR /app\nUSER node\nENTRYPOINT ["/t", "--"]\nCMD ["run"]\n';
    const settings = {
      environment: { A: "x y", B: "2" },
      workingDir: "/app",
      user: 1000,
      entrypoint: ["/t", "--"],
      command: ["run"],
    };
    expect(dockerfileSettings(text)).toEqual(settings);
  });

  test("stands for something on this machine, or is refused", () => {
    expect(imageOf("registry.example:5000/blockchain-node:0.1.0")).toMatchObject({ command: ["bitcoind"], user: 1000 });
    expect(() => imageOf("nginx:1")).toThrow("Nothing on this machine stands for the image 'nginx:1'");
  });
});

describe.skipIf(process.getuid?.() !== 0)("volumes", () => {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-volumes-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
  const prepare = (fsGroupChangePolicy: string) =>
    prepareVolumes(
      {
        containers: [],
        securityContext: { fsGroup: 1000, fsGroupChangePolicy },
        volumes: [
          { name: "config", configMap: { name: "config" } },
          {
            name: "keys",
            secret: { secretName: "keys", defaultMode: 0o400, items: [{ key: "PASSWORD", path: "a/b" }] },
          },
        ],
      },
      "miner-2",
      ["data"],
      { claims: join(folder, "claims"), pod: join(folder, "pod") },
      manifests,
    );

  test("are the pod's claims, by its name, and texts as files; all of its group", () => {
    const volumes = prepare("Always");
    const data = volumes.get("data")!.path;
    expect(data).toBe(join(folder, "claims", "data-miner-2"));
    expect([modeOf(data), statSync(data).gid, statSync(data).uid]).toEqual(["2775", 1000, 0]);
    expect(readFileSync(join(volumes.get("config")!.path, "FILE"), "utf8")).toBe("a text");
    const key = join(volumes.get("keys")!.path, "a/b");
    expect([readFileSync(key, "utf8"), modeOf(key), statSync(key).gid]).toEqual(["pass", "440", 1000]);
  });

  test("are opened to the group anew at each start, or where their root is not the group's yet", () => {
    const file = join(prepare("OnRootMismatch").get("data")!.path, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    prepare("OnRootMismatch");
    expect(modeOf(file)).toBe("600");
    prepare("Always");
    expect(modeOf(file)).toBe("660");
  });

  test("of a kind that nobody thought of are refused", () => {
    mkdirSync(join(folder, "other"));
    const spec = { containers: [], volumes: [{ name: "v", hostPath: { path: "/" } }] };
    expect(() =>
      prepareVolumes(spec as never, "p", [], { claims: folder, pod: join(folder, "other") }, manifests),
    ).toThrow("The orchestrator does not know the kind of the volume 'v'.");
  });
});
