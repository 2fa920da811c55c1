import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeyToPath, PodSpec, Volume } from "./kubernetes-types.ts";
import { type Manifests, secretTexts } from "./manifests.ts";

/** Where a volume of a pod is on this machine; `isMemory` for one that is to be a tmpfs. */
export interface PreparedVolume {
  readonly path: string;
  readonly isMemory: boolean;
  readonly isReadOnly: boolean;
}

export interface VolumeFolders {
  /** Claims, kept as long as the cluster is. */
  readonly claims: string;
  /** What the pod alone has, and ends with it. */
  readonly pod: string;
}

/**
 * Makes the volumes of a pod as the kubelet does: claims by the name of template and pod, files of ConfigMaps and Secrets, and
 * everything that can be written given to `fsGroup`. Throws on kinds that it does not know and on objects and keys that are missing.
 */
export function prepareVolumes(
  spec: PodSpec,
  podName: string,
  claimTemplates: readonly string[],
  folders: VolumeFolders,
  manifests: Manifests,
): Map<string, PreparedVolume> {
  const group = spec.securityContext?.fsGroup;
  const onlyOnMismatch = spec.securityContext?.fsGroupChangePolicy === "OnRootMismatch";
  const prepared = new Map<string, PreparedVolume>();
  for (const template of claimTemplates) {
    const path = claimFolder(folders.claims, `${template}-${podName}`);
    giveToGroup(path, group, onlyOnMismatch);
    prepared.set(template, { path, isMemory: false, isReadOnly: false });
  }
  for (const volume of spec.volumes ?? []) {
    const path = join(folders.pod, "volumes", volume.name);
    prepared.set(volume.name, prepareVolume(volume, path, group, onlyOnMismatch, folders, manifests));
  }
  return prepared;
}

function prepareVolume(
  volume: Volume,
  path: string,
  group: number | undefined,
  onlyOnMismatch: boolean,
  folders: VolumeFolders,
  manifests: Manifests,
): PreparedVolume {
  const { emptyDir, configMap, secret, persistentVolumeClaim: claim } = volume;
  if (emptyDir !== undefined) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    giveToGroup(path, group, onlyOnMismatch);
    return { path, isMemory: emptyDir.medium === "Memory", isReadOnly: false };
  }
  if (claim !== undefined) {
    const folder = claimFolder(folders.claims, claim.claimName);
    giveToGroup(folder, group, onlyOnMismatch);
    return { path: folder, isMemory: false, isReadOnly: claim.readOnly ?? false };
  }
  const source = configMap ?? secret;
  if (source === undefined) throw new Error(`The orchestrator does not know the kind of the volume '${volume.name}'.`);
  const name = configMap?.name ?? secret!.secretName;
  const object = configMap ? manifests.configMaps.get(name) : manifests.secrets.get(name);
  if (object === undefined && !source.optional)
    throw new Error(`The object '${name}' of volume '${volume.name}' is missing.`);
  const texts = object === undefined ? {} : configMap ? (object.data ?? {}) : secretTexts(object);
  writeFiles(path, texts, source.items, source.defaultMode ?? 0o644, group);
  return { path, isMemory: false, isReadOnly: true };
}

/** An empty file system of a claim as ext4 makes it: root's, with a folder that nobody else may read. */
function claimFolder(claims: string, name: string): string {
  const path = join(claims, name);
  if (!existsSync(path)) {
    mkdirSync(join(path, "lost+found"), { recursive: true });
    chmodSync(join(path, "lost+found"), 0o700);
    chmodSync(path, 0o755);
  }
  return path;
}

function writeFiles(
  path: string,
  texts: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
  group: number | undefined,
): void {
  mkdirSync(path, { recursive: true });
  for (const item of items ?? Object.keys(texts).map((key): KeyToPath => ({ key, path: key }))) {
    const text = texts[item.key];
    if (text === undefined) throw new Error(`A volume names the key '${item.key}', which its object does not have.`);
    const file = join(path, item.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, (item.mode ?? mode) | (group === undefined ? 0 : 0o440));
    if (group !== undefined) chownSync(file, 0, group);
  }
}

/** Of a volume with `fsGroup` everything is the group's, which may read and write it: the kubelet does so at each start of a pod. */
function giveToGroup(path: string, group: number | undefined, onlyOnMismatch: boolean): void {
  if (group === undefined) return;
  const { gid, mode } = statSync(path);
  if (onlyOnMismatch && gid === group && (mode & 0o2070) === 0o2070) return;
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" }))
    giveOneToGroup(join(path, entry), group);
  giveOneToGroup(path, group);
}

function giveOneToGroup(path: string, group: number): void {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  chownSync(path, status.uid, group);
  chmodSync(path, (status.mode & 0o7777) | (status.isDirectory() ? 0o2770 : 0o660));
}
