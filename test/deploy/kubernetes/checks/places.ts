import type { IContainer } from "kubernetes-models/v1";
import { containersOf, dataOf, type KubeObject, type Workload, workloadsOf } from "../objects.ts";
import { isNode } from "./environment.ts";

/** Where a node writes: what the image's variables say, and what it keeps for a moment. */
const PLACES_OF_NODE = ["/app/data", "/app/wallets", "/tmp"];
const PATH = /(?<![\w:/.@-])\/(?:[\w.-]+\/)*[\w.-]+/g;

interface Mounted {
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly claim: string | undefined;
  /** Of a ConfigMap or Secret the files that are there, with their texts. */
  readonly files: Readonly<Record<string, string>> | undefined;
}

/** Files and folders that containers are told of and have not: nothing of them is in an image, so that each is of a mount. */
export function placeProblems(objects: readonly KubeObject[], secrets: readonly KubeObject[]): string[] {
  const all = [...objects, ...secrets];
  return workloadsOf(objects).flatMap((workload) =>
    containersOf(workload).flatMap((container) => {
      const mounts = mountsOf(workload, container, all);
      const written = isNode(container) || container.args?.join().includes("backup-chain.mjs") ? PLACES_OF_NODE : [];
      return [
        ...pathsOf(container, mounts)
          .filter((path) => !isThere(path, mounts))
          .map((path) => `${workload.name} is told of ${path}, which it has not.`),
        ...written
          .filter((path) => !mounts.some((one) => one.path === path && !one.isReadOnly))
          .map((path) => `${workload.name} cannot write to ${path}.`),
        ...configuredPorts(mounts)
          .filter((port) => !container.ports?.some(({ containerPort }) => containerPort === port))
          .map((port) => `${workload.name} listens at ${port}, which is none of its ports.`),
        ...backupProblems(workload, container, mounts, all),
      ];
    }),
  );
}

/** What variables, command and files for Redis name. */
function pathsOf({ env = [], command = [], args = [] }: IContainer, mounts: readonly Mounted[]): string[] {
  const texts = [...env.map(({ value = "" }) => value), ...command, ...args, ...redisFiles(mounts)];
  return texts.flatMap((text) => text.match(PATH) ?? []);
}

const redisFiles = (mounts: readonly Mounted[]) =>
  mounts.flatMap(({ files = {} }) => (files["redis.conf"] === undefined ? [] : [files["redis.conf"]]));

const configuredPorts = (mounts: readonly Mounted[]) =>
  redisFiles(mounts).flatMap((text) => [...text.matchAll(/^port (\d+)$/gm)].map(([, port]) => Number(port)));

const isThere = (path: string, mounts: readonly Mounted[]) =>
  mounts.some((one) => {
    if (path === one.path) return true;
    if (!path.startsWith(`${one.path}/`)) return false;
    return one.files === undefined || path.slice(one.path.length + 1) in one.files;
  });

/** A job that has a node write into a claim: both must have it, where the job says that they have. */
function backupProblems(job: Workload, container: IContainer, mounts: readonly Mounted[], all: readonly KubeObject[]) {
  const told = (name: string) => container.env?.find((one) => one.name === name)?.value;
  const ofNode = told("BACKUP_DIR_OF_NODE");
  if (ofNode === undefined) return [];
  const claim = mounts.find(({ path }) => path === told("BACKUP_DIR"))?.claim;
  const isWritten = workloadsOf(all)
    .flatMap((workload) =>
      containersOf(workload)
        .filter(isNode)
        .flatMap((one) => mountsOf(workload, one, all)),
    )
    .some((one) => one.path === ofNode && !one.isReadOnly && claim !== undefined && one.claim === claim);
  return isWritten ? [] : [`${job.name}: no node has the claim ${claim} at ${ofNode}.`];
}

function mountsOf({ pod }: Workload, { volumeMounts = [] }: IContainer, all: readonly KubeObject[]): Mounted[] {
  return volumeMounts.map(({ name, mountPath, readOnly = false }) => {
    const { configMap, secret, persistentVolumeClaim } = pod.volumes?.find((one) => one.name === name) ?? {};
    const data =
      dataOf(all, configMap ? "ConfigMap" : "Secret", configMap?.name ?? secret?.secretName) ?? ({} as const);
    const items = (configMap ?? secret)?.items?.map(({ key, path }) => [path, data[key] ?? ""] as const);
    return {
      path: mountPath,
      isReadOnly: readOnly,
      claim: persistentVolumeClaim?.claimName,
      files: configMap || secret ? (items ? Object.fromEntries(items) : data) : undefined,
    };
  });
}
