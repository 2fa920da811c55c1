import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What an image says of how its containers run, and which folders of this machine stand for its files. */
export interface ContainerImage {
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly user: number;
  /** Folders of the image by the folder of this machine that is shown there, read-only. */
  readonly folders: Readonly<Record<string, string>>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Where the product stands in our containers: the bundles, and the programs that run them. */
const PRODUCT = "/opt/bitfleet";

/**
 * What stands for an image named in a manifest: the product as it was built in this folder, with the settings of the shipped
 * Dockerfile; Debian's Redis; Debian's shell for busybox. Throws where there is nothing that could.
 */
export function imageOf(name: string): ContainerImage {
  const repository = name
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "")
    .split("/")
    .at(-1)!;
  if (repository === "blockchain-node") return productImage();
  if (repository === "redis") return { ...plainImage(999), entrypoint: ["redis-server"], workingDir: "/data" };
  if (repository === "busybox") return { ...plainImage(0), command: ["sh"] };
  throw new Error(`Nothing on this machine stands for the image '${name}'; the product, redis and busybox do.`);
}

function plainImage(user: number): ContainerImage {
  return { environment: { PATH }, entrypoint: [], command: [], workingDir: "/", user, folders: {} };
}

function productImage(): ContainerImage {
  const file = dockerfileSettings(readFileSync(join(ROOT, "deploy/docker/Dockerfile"), "utf8"));
  const folders: Record<string, string> = {};
  for (const folder of ["dist", "packages/node/bin", "apps/admin/dist", "apps/wallet/dist"]) {
    if (existsSync(join(ROOT, folder))) folders[`${PRODUCT}/${folder}`] = join(ROOT, folder);
  }
  const libraries = join(ROOT, "node_modules");
  if (existsSync(libraries)) folders[`${PRODUCT}/node_modules`] = libraries;
  // Node may stand outside /usr, as with a version manager.
  const node = resolve(dirname(process.execPath), "..");
  if (!node.startsWith("/usr")) folders[node] = node;
  const path = `${PRODUCT}/packages/node/bin:${node}/bin:${file.environment.PATH ?? PATH}`;
  const [init] = file.entrypoint;
  // Without tini the node is the first process itself, which does as well.
  const entrypoint = init !== undefined && existsSync(init) ? file.entrypoint : [];
  return { ...file, entrypoint, environment: { HOME: file.workingDir, ...file.environment, PATH: path }, folders };
}

/** What ENV, WORKDIR, USER, ENTRYPOINT and CMD of a Dockerfile's last stage say; of a user by name that it is the user 1000. */
export function dockerfileSettings(text: string): Omit<ContainerImage, "folders"> {
  const lines = text
    .replace(/^\s*#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n");
  const stage = lines.slice(lines.findLastIndex((line) => /^FROM\s/i.test(line)) + 1);
  const valuesOf = (instruction: string) =>
    stage.flatMap((line) => {
      const [, name = "", value = ""] = /^\s*([A-Z]+)\s+(.*)$/i.exec(line) ?? [];
      return name.toUpperCase() === instruction ? [value.trim()] : [];
    });
  const list = (instruction: string): string[] => JSON.parse(valuesOf(instruction).at(-1) ?? "[]");
  const pairs = valuesOf("ENV").flatMap((line) => [...line.matchAll(/([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|\S*)/g)]);
  const user = valuesOf("USER").at(-1) ?? "0";
  return {
    environment: Object.fromEntries(pairs.map(([, name, value]) => [name!, value!.replace(/^"|"$/g, "")])),
    workingDir: valuesOf("WORKDIR").at(-1) ?? "/",
    entrypoint: list("ENTRYPOINT"),
    command: list("CMD"),
    user: Number.isNaN(Number.parseInt(user, 10)) ? 1000 : Number.parseInt(user, 10),
  };
}
