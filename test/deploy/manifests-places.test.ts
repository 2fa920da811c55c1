import { placeProblems } from "./kubernetes/checks/places.ts";
import { exampleSecrets } from "./kubernetes/shipped.ts";
import { containerOf, describeSubjects, type Fields, type Subject } from "./kubernetes/subjects.ts";

/** Files and folders by their paths: what a container is told of, it must have, and where it writes it must be let. */

const mountOf = (container: Fields, name: string): Fields =>
  container.volumeMounts.find((one: Fields) => one.name === name);
const jobContainerOf = (job: Fields): Fields => job.spec.jobTemplate.spec.template.spec.containers[0];

const SUBJECTS: Readonly<Record<string, Subject>> = {
  "files and folders in containers": {
    check: (objects) => placeProblems(objects, exampleSecrets()),
    slips: [
      [
        "the phrase of the treasury is elsewhere",
        (get) => (mountOf(containerOf(get("StatefulSet", "wallet")), "treasury").mountPath = "/run/secrets/treasure"),
        /wallet is told of \/run\/secrets\/treasury\/mnemonic, which it has not/,
      ],
      [
        "the file of limits has another name",
        (get) => {
          const config = get("ConfigMap", "rate-limit-settings");
          config.data = { "settings.toml": config.data["Settings.toml"] };
        },
        /webserver is told of \/app\/config\/Settings.toml/,
      ],
      [
        "the script of a job is elsewhere",
        (get) => (mountOf(jobContainerOf(get("CronJob", "restore-chain")), "scripts").mountPath = "/app/scripts"),
        /restore-chain is told of \/app\/backup-scripts\/restore-chain.mjs/,
      ],
      [
        "a node's data are elsewhere",
        (get) => (mountOf(containerOf(get("StatefulSet", "miner")), "miner-data").mountPath = "/data"),
        /miner cannot write to \/app\/data/,
      ],
      [
        "a node may only read its data",
        (get) => (mountOf(jobContainerOf(get("CronJob", "backup-chain")), "chain-backup").readOnly = true),
        /backup-chain cannot write to \/app\/data/,
      ],
      [
        "there is no place for a moment",
        (get) => {
          const container = containerOf(get("Deployment", "webserver"));
          container.volumeMounts = container.volumeMounts.filter(({ name }: Fields) => name !== "tmp");
        },
        /webserver cannot write to \/tmp/,
      ],
      [
        "the wallet node has the claim for backups elsewhere",
        (get) => (mountOf(containerOf(get("StatefulSet", "wallet")), "wallet-backups").mountPath = "/app/backup"),
        /backup-wallet: no node has the claim wallet-backups at \/app\/backups/,
      ],
      [
        "Redis keeps its data where nothing is",
        (get) => {
          const config = get("ConfigMap", "redis-config");
          config.data["redis.conf"] = config.data["redis.conf"].replace("dir /data", "dir /var/lib/redis");
        },
        /redis is told of \/var\/lib\/redis/,
      ],
      [
        "Redis listens elsewhere",
        (get) => {
          const config = get("ConfigMap", "redis-config");
          config.data["redis.conf"] = config.data["redis.conf"].replace("port 6379", "port 6380");
        },
        /redis listens at 6380/,
      ],
    ],
  },
};

describeSubjects(SUBJECTS);
