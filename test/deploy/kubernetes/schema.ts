import { createRequire } from "node:module";
import * as models from "@kubernetes/client-node";
import { type KubeObject, nameOf } from "./objects.ts";

/** What the types of Kubernetes say of an object: missing and wrong fields, and such as there are none. */
export function schemaProblems(object: KubeObject): string[] {
  const own = OTHER_TYPES[`${object.apiVersion}/${object.kind}`];
  const problems = own === undefined ? [...valueProblems(object), ...fieldProblems(object)] : own(object);
  return problems.map((problem) => `${nameOf(object)}: ${problem}`);
}

/** Which file it is depends on the object: no bundler is to look for it. */
const load = createRequire(import.meta.url);

interface Model {
  new (fields: object): { validate(): void };
}

/** Required fields, types, enumerations and quantities. */
function valueProblems(object: KubeObject): string[] {
  let model: Model | undefined;
  try {
    model = (load(`kubernetes-models/${object.apiVersion}`) as Record<string, Model>)[object.kind];
  } catch {
    // No such version of the API.
  }
  if (model === undefined) return [`there is no ${object.kind} in ${object.apiVersion}`];
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}
type Described = { getAttributeTypeMap?: () => Attribute[] };
const described = models as unknown as Readonly<Record<string, Described | undefined>>;

/** Fields that the types do not have: kubectl refuses them, and a cluster would pass over them. */
function fieldProblems(object: KubeObject): string[] {
  const version = object.apiVersion.split("/").at(-1) ?? "";
  const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${object.kind}`;
  if (described[type]?.getAttributeTypeMap === undefined) return [`the client knows no ${type}`];
  return unknownFields(object, type, "");
}

function unknownFields(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((one, index) => unknownFields(one, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    if (typeof value !== "object" || value === null) return [`${path} is no map`];
    return Object.entries(value).flatMap(([key, one]) => unknownFields(one, map, `${path}.${key}`));
  }
  if (type === "string") return typeof value === "string" ? [] : [`${path} is ${JSON.stringify(value)} and no text`];
  const attributes = described[type]?.getAttributeTypeMap?.();
  if (attributes === undefined || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const attribute = attributes.find(({ baseName }) => baseName === name);
    return attribute === undefined
      ? [`there is no field ${path}.${name}`]
      : unknownFields(one, attribute.type, `${path}.${name}`);
  });
}

/** Types that operators add to a cluster, as far as we use them: what there must be, and nothing else. */
const OTHER_TYPES: Readonly<Record<string, (object: KubeObject) => string[]>> = {
  "monitoring.coreos.com/v1/ServiceMonitor": (object) =>
    shape(object, {
      spec: {
        jobLabel: "string",
        selector: { matchLabels: "map" },
        endpoints: [
          {
            port: "string",
            path: "string",
            interval: "string",
            relabelings: [{ action: "string", sourceLabels: ["string"], targetLabel: "string" }],
          },
        ],
      },
    }),
  "monitoring.coreos.com/v1/PrometheusRule": (object) =>
    shape(object, {
      spec: {
        groups: [
          {
            name: "string",
            rules: [{ alert: "string", expr: "string", for: "string?", labels: "map", annotations: "map" }],
          },
        ],
      },
    }),
  "bitnami.com/v1alpha1/SealedSecret": (object) =>
    shape(object, { spec: { encryptedData: "map", template: { metadata: "any", type: "string?" } } }),
  "external-secrets.io/v1/ExternalSecret": (object) =>
    shape(object, {
      spec: {
        refreshInterval: "string",
        secretStoreRef: { name: "string", kind: "string" },
        target: { name: "string", creationPolicy: "string" },
        data: [{ secretKey: "string", remoteRef: { key: "string", property: "string" } }],
      },
    }),
  "snapshot.storage.k8s.io/v1/VolumeSnapshot": (object) =>
    shape(object, { spec: { volumeSnapshotClassName: "string", source: { persistentVolumeClaimName: "string" } } }),
};

type Shape = string | { readonly [field: string]: Shape } | readonly [Shape];

function shape(object: KubeObject, spec: { readonly [field: string]: Shape }): string[] {
  return shapeProblems(object, { apiVersion: "string", kind: "string", metadata: "any", ...spec }, "");
}

function shapeProblems(value: unknown, expected: Shape, path: string): string[] {
  if (expected === "any" || (value === undefined && expected === "string?")) return [];
  if (value === undefined || value === null) return [`there is no ${path}`];
  if (expected === "string" || expected === "string?") return typeof value === "string" ? [] : [`${path} is no text`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(value) || value.length === 0) return [`${path} is no list with anything in it`];
    return value.flatMap((one, index) => shapeProblems(one, expected[0] as Shape, `${path}[${index}]`));
  }
  if (typeof value !== "object") return [`${path} is no map`];
  if (expected === "map") {
    return Object.entries(value).flatMap(([key, one]) =>
      typeof one === "string" ? [] : [`${path}.${key} is no text`],
    );
  }
  const fields = expected as { readonly [field: string]: Shape };
  return [
    ...Object.keys(value).flatMap((name) => (name in fields ? [] : [`there is no field ${path}.${name}`])),
    ...Object.entries(fields).flatMap(([name, one]) =>
      shapeProblems((value as Record<string, unknown>)[name], one, `${path}.${name}`),
    ),
  ];
}
