import type { Container, EnvironmentVariable } from "./kubernetes-types.ts";
import { type Manifests, secretTexts } from "./manifests.ts";

/** What the downward API tells a pod of itself. */
export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly address: string;
  readonly nodeAddress: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
}

/**
 * The variables of a container: those of the image, of the services there are (`links`), of `envFrom`, and of `env`, the later
 * winning. Throws where a key is missing that is not optional, as the kubelet does (`CreateContainerConfigError`).
 */
export function containerEnvironment(
  container: Container,
  image: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>>,
  pod: PodIdentity,
  manifests: Manifests,
): Record<string, string> {
  const known: Record<string, string> = { ...links };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const texts = configMapRef ? configTexts(manifests, configMapRef) : secretRef && secretsOf(manifests, secretRef);
    for (const [key, text] of Object.entries(texts ?? {})) known[prefix + key] = text;
  }
  for (const variable of container.env ?? []) {
    const text = textOf(variable, known, pod, manifests);
    if (text !== undefined) known[variable.name] = text;
  }
  return { ...image, ...known };
}

/** Arguments or a command with `$(NAME)` in them; `$$(NAME)` stands for the text itself, and what nobody set stays. */
export function expand(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([A-Za-z_.-][A-Za-z0-9_.-]*)\))/g, (whole, escaped: string, name: string) =>
    escaped === "$" ? "$" : (known[name] ?? whole),
  );
}

/** `MINER_SERVICE_SERVICE_HOST` and its like, which Kubernetes gives to pods of services that have an address. */
export function serviceLinks(name: string, address: string, ports: readonly { port: number; name?: string }[]) {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  const first = ports[0]?.port;
  const links: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: address };
  if (first === undefined) return links;
  links[`${prefix}_SERVICE_PORT`] = String(first);
  links[`${prefix}_PORT`] = `tcp://${address}:${first}`;
  for (const { port, name: portName } of ports) {
    if (portName !== undefined)
      links[`${prefix}_SERVICE_PORT_${portName.toUpperCase().replaceAll("-", "_")}`] = String(port);
    links[`${prefix}_PORT_${port}_TCP`] = `tcp://${address}:${port}`;
    links[`${prefix}_PORT_${port}_TCP_PROTO`] = "tcp";
    links[`${prefix}_PORT_${port}_TCP_PORT`] = String(port);
    links[`${prefix}_PORT_${port}_TCP_ADDR`] = address;
  }
  return links;
}

function textOf(
  { name, value, valueFrom }: EnvironmentVariable,
  known: Readonly<Record<string, string>>,
  pod: PodIdentity,
  manifests: Manifests,
): string | undefined {
  if (valueFrom === undefined) return expand(value ?? "", known);
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
  if (fieldRef !== undefined) return fieldOf(fieldRef.fieldPath, pod);
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference === undefined) throw new Error(`${name} has its value from what the orchestrator does not know.`);
  const texts = configMapKeyRef ? configTexts(manifests, reference) : secretsOf(manifests, reference);
  const text = texts?.[reference.key];
  if (text === undefined && !reference.optional) {
    throw new Error(`couldn't find key ${reference.key} of ${reference.name}, which ${name} is to have`);
  }
  return text;
}

type Reference = { readonly name: string; readonly optional?: boolean };

function configTexts(manifests: Manifests, { name, optional }: Reference) {
  const object = manifests.configMaps.get(name);
  if (object === undefined && !optional) throw new Error(`configmap "${name}" not found`);
  for (const [key, text] of Object.entries(object?.data ?? {})) {
    // The API server refuses such an object: it holds texts alone.
    if (typeof text !== "string")
      throw new Error(`${key} of configmap "${name}" is ${text}, a ${typeof text}: quote it.`);
  }
  return object?.data;
}

function secretsOf(manifests: Manifests, { name, optional }: Reference) {
  const object = manifests.secrets.get(name);
  if (object === undefined && !optional) throw new Error(`secret "${name}" not found`);
  return object && secretTexts(object);
}

function fieldOf(path: string, pod: PodIdentity): string {
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
    "metadata.uid": pod.uid,
    "status.podIP": pod.address,
    "status.podIPs": pod.address,
    "status.hostIP": pod.nodeAddress,
    "spec.nodeName": "node",
    "spec.serviceAccountName": pod.serviceAccount ?? "default",
  };
  const [, kind, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  const text = kind === undefined ? fields[path] : (pod[kind as "labels" | "annotations"][key!] ?? "");
  if (text === undefined) throw new Error(`The orchestrator knows no field '${path}' of a pod.`);
  return text;
}
