/**
 * The images that ours are built on: pulled where a registry answers, else stand-ins made of Debian's mirror and the npm registry, under the same
 * names, so that the Dockerfile is built as it is shipped.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Engine } from "./engine.ts";
import { output, run } from "./shell.ts";

export const NODE_BASE = "node:22-bookworm-slim";
export const DEBIAN_BASE = "debian:bookworm-slim";
export const REDIS_BASE = "redis:7-alpine";

const SUITE = "bookworm";
const PULL_MS_MAX = 60_000;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Makes the base images available that are not there yet. Answers how, for the log. */
export async function ensureBases(engine: Engine, root: string): Promise<string> {
  const missing: string[] = [];
  for (const image of [DEBIAN_BASE, NODE_BASE, REDIS_BASE]) {
    if (!(await hasImage(engine, image))) missing.push(image);
  }
  if (missing.length === 0) return "there already";
  if (await pulls(engine, missing)) return `pulled ${missing.join(", ")}`;
  const work = path.join(root, "bases");
  mkdirSync(work, { recursive: true });
  if (missing.includes(DEBIAN_BASE)) await makeDebian(engine, work);
  if (missing.includes(NODE_BASE)) await makeNode(engine, work);
  if (missing.includes(REDIS_BASE)) await makeRedis(engine, work);
  rmSync(work, { recursive: true, force: true });
  return `no registry answers: stand-ins for ${missing.join(", ")}`;
}

async function hasImage({ env }: Engine, image: string): Promise<boolean> {
  return (await run("docker", ["image", "inspect", image], { env, mayFail: true })).code === 0;
}

/** All or none: real images beside stand-ins would be a mixture that nobody has. */
async function pulls({ env }: Engine, images: readonly string[]): Promise<boolean> {
  for (const image of images) {
    try {
      const { code } = await run("docker", ["pull", "-q", image], { env, mayFail: true, timeoutMs: PULL_MS_MAX });
      if (code !== 0) return false;
    } catch {
      return false;
    }
  }
  return true;
}

async function makeDebian({ env }: Engine, work: string): Promise<void> {
  const rootfs = path.join(work, "rootfs");
  const mirror = debianMirror();
  await run("debootstrap", ["--variant=minbase", SUITE, rootfs, mirror], { timeoutMs: 300_000 });
  writeFileSync(path.join(rootfs, "etc/apt/sources.list"), `deb ${mirror} ${SUITE} main\n`);
  if (mirror.startsWith("https:") && existsSync(CERTIFICATES)) {
    mkdirSync(path.join(rootfs, "etc/ssl/certs"), { recursive: true });
    copyFileSync(CERTIFICATES, path.join(rootfs, CERTIFICATES));
  }
  for (const name of ["var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/man", "usr/share/locale"]) {
    rmSync(path.join(rootfs, name), { recursive: true, force: true });
    mkdirSync(path.join(rootfs, name), { recursive: true });
  }
  await run("sh", ["-c", `tar -C "$1" -c . | docker import - ${DEBIAN_BASE}`, "sh", rootfs], { env });
  rmSync(rootfs, { recursive: true, force: true });
}

/** The Debian mirror that this machine's own apt uses; Debian's own where it uses none. */
export function debianMirror(): string {
  const folder = "/etc/apt/sources.list.d";
  const listed = existsSync("/etc/apt/sources.list") ? readFileSync("/etc/apt/sources.list", "utf8") : "";
  const more = existsSync(`${folder}/debian.sources`) ? readFileSync(`${folder}/debian.sources`, "utf8") : "";
  const found =
    /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\S*\/debian)\/?\s/m.exec(listed) ??
    /^URIs:\s*(https?:\S*\/debian)\/?\s*$/m.exec(more);
  return found?.[1] ?? "http://deb.debian.org/debian";
}

async function makeNode({ env }: Engine, work: string): Promise<void> {
  const context = path.join(work, "node");
  mkdirSync(context, { recursive: true });
  const packages = [`node-linux-${process.arch}@22`, "npm@10"];
  const npm = ["install", "--prefix", context, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", [...npm, ...packages], { timeoutMs: 300_000 });
  const modules = path.join(context, "node_modules");
  copyFileSync(path.join(modules, `node-linux-${process.arch}/bin/node`), path.join(context, "node"));
  chmodSync(path.join(context, "node"), 0o755);
  // The host's own certificates and registry: without them `npm ci` in the build fails where a proxy signs anew.
  const bundle = process.env.NODE_EXTRA_CA_CERTS;
  const registry = await output("npm", ["config", "get", "registry"]);
  copyFileSync(bundle !== undefined && existsSync(bundle) ? bundle : "/dev/null", path.join(context, "ca.crt"));
  writeFileSync(path.join(context, "npmrc"), `registry=${registry}\n`);
  writeFileSync(
    path.join(context, "Dockerfile"),
    `FROM ${DEBIAN_BASE}
COPY node /usr/local/bin/node
COPY node_modules/npm /usr/local/lib/node_modules/npm
COPY npmrc /usr/local/etc/npmrc
COPY ca.crt /usr/local/share/host-ca.crt
RUN groupadd -g 1000 node && useradd -u 1000 -g node -m node \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
${bundle === undefined ? "" : "ENV NODE_EXTRA_CA_CERTS=/usr/local/share/host-ca.crt"}
`,
  );
  await run("docker", ["build", "-q", "--network=host", "-t", NODE_BASE, context], {
    env: { ...env, DOCKER_BUILDKIT: "0" },
  });
}

/** As the image of that name has it: user, directory and program; Debian's Redis instead of Alpine's. */
async function makeRedis({ env }: Engine, work: string): Promise<void> {
  const context = path.join(work, "redis");
  mkdirSync(context, { recursive: true });
  writeFileSync(
    path.join(context, "Dockerfile"),
    `FROM ${DEBIAN_BASE}
RUN groupadd -g 1000 redis && useradd -u 999 -g redis -d /data redis && install -d -o redis -g redis /data \\
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
VOLUME /data
WORKDIR /data
CMD ["redis-server"]
`,
  );
  await run("docker", ["build", "-q", "--network=host", "-t", REDIS_BASE, context], {
    env: { ...env, DOCKER_BUILDKIT: "0" },
  });
}
