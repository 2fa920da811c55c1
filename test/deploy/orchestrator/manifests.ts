import { parseAllDocuments } from "yaml";
import { kustomize } from "../kubernetes/kubectl.ts";
import type {
  ConfigMap,
  Deployment,
  KubernetesObject,
  NetworkPolicy,
  Secret,
  Service,
  StatefulSet,
} from "./kubernetes-types.ts";

/** Kinds that say nothing about how a pod of these tests runs. A kind that is in neither list ends the reading. */
const KINDS_LEFT_OUT = [
  "ClusterRole",
  "ClusterRoleBinding",
  "CronJob",
  "HorizontalPodAutoscaler",
  "Ingress",
  "Job",
  "LimitRange",
  "PersistentVolumeClaim",
  "PodDisruptionBudget",
  "PodMonitor",
  "PrometheusRule",
  "ResourceQuota",
  "Role",
  "RoleBinding",
  "ServiceAccount",
  "ServiceMonitor",
  "StorageClass",
];

/** The objects of one namespace, each kind by name. */
export interface Manifests {
  readonly namespace: string;
  /** Labels by the name of the namespace, with the one that every namespace has. */
  readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly configMaps: Map<string, ConfigMap>;
  readonly secrets: Map<string, Secret>;
  readonly services: Map<string, Service>;
  readonly statefulSets: Map<string, StatefulSet>;
  readonly deployments: Map<string, Deployment>;
  readonly networkPolicies: Map<string, NetworkPolicy>;
}

/** What `kubectl apply -k` would send of a folder of deploy/kubernetes, as `overlays/local`. */
export async function readOverlay(kubectl: string, folder: string): Promise<Manifests> {
  return readManifests(await kustomize(kubectl, folder));
}

/** Reads YAML as kubectl does (1.1: an unquoted `yes` is a boolean). Throws on errors, unknown kinds and a second namespace. */
export function readManifests(text: string): Manifests {
  const objects = parseAllDocuments(text, { version: "1.1" }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const value = document.toJS() as KubernetesObject | null;
    return value === null ? [] : [value];
  });
  const namespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  if (namespaces.size !== 1) {
    throw new Error(`The objects are of ${namespaces.size} namespaces (${[...namespaces]}); one was expected.`);
  }
  const namespace = [...namespaces][0]!;
  const labels = objects.find(({ kind }) => kind === "Namespace")?.metadata.labels;
  const manifests: Manifests = {
    namespace,
    namespaceLabels: { [namespace]: { ...labels, "kubernetes.io/metadata.name": namespace } },
    configMaps: new Map(),
    secrets: new Map(),
    services: new Map(),
    statefulSets: new Map(),
    deployments: new Map(),
    networkPolicies: new Map(),
  };
  const kinds: Readonly<Record<string, Map<string, KubernetesObject>>> = {
    ConfigMap: manifests.configMaps,
    Secret: manifests.secrets,
    Service: manifests.services,
    StatefulSet: manifests.statefulSets,
    Deployment: manifests.deployments,
    NetworkPolicy: manifests.networkPolicies,
  };
  for (const object of objects) {
    if (object.kind === "Namespace") continue;
    const kind = kinds[object.kind];
    if (kind !== undefined) kind.set(object.metadata.name, object);
    else if (!KINDS_LEFT_OUT.includes(object.kind)) {
      throw new Error(
        `The orchestrator knows no ${object.kind} (${object.metadata.name}): teach it, or list it as left out.`,
      );
    }
  }
  return manifests;
}

/** Puts objects of another text, as of `bitfleet secrets`, in the place of those of their names. */
export function applyText(manifests: Manifests, text: string): void {
  for (const document of parseAllDocuments(text, { version: "1.1" })) {
    const object = document.toJS() as KubernetesObject | null;
    if (object === null) continue;
    if (object.kind === "Secret") manifests.secrets.set(object.metadata.name, object);
    else if (object.kind === "ConfigMap") manifests.configMaps.set(object.metadata.name, object);
    else throw new Error(`A ${object.kind} cannot be applied here; a Secret or a ConfigMap was expected.`);
  }
}

/** The texts of a Secret, decoded. */
export function secretTexts(secret: Secret): Readonly<Record<string, string>> {
  const encoded = Object.entries(secret.data ?? {}).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]);
  return { ...Object.fromEntries(encoded), ...secret.stringData };
}
