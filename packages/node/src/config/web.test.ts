import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

function configOf(...args: string[]) {
  const outcome = readConfig(
    ["-regtest", ...args],
    { defaultDataDir: "/tmp/bitfleet-none", workingDir: "/tmp" },
    "1.0",
  );
  if (!("config" in outcome)) throw new Error("the configuration was not read");
  return outcome.config;
}

const webOf = (...args: string[]) => configOf(...args).web;

const on = (...args: string[]) => webOf("-webport=8080", ...args);

test("there is no web server unless it is given a port", () => {
  expect(webOf()).toBeUndefined();
  expect(webOf("-webport=0", "-weblog")).toBeUndefined();
  expect(on()).toEqual({
    host: "127.0.0.1",
    port: 8080,
    access: expect.anything(),
    crossOrigins: undefined,
    logsRequests: false,
    hasMetrics: true,
    metricsListen: undefined,
    tlsFiles: undefined,
    connectionsMax: 8192,
    events: { clientsMax: 4096, clientsPerAddressMax: 256 },
    drainSeconds: 0,
  });
});

test("request log, metrics and connections", () => {
  expect(on("-weblog")).toMatchObject({ logsRequests: true });
  expect(on("-webmetrics=0")).toMatchObject({ hasMetrics: false });
  expect(on("-webmaxconnections=1")).toMatchObject({ connectionsMax: 1 });
  expect(() => on("-webmaxconnections=0")).toThrow("-webmaxconnections must be 1 or more.");
  expect(on("-webeventclients=1", "-webeventclientsperaddress=2")).toMatchObject({
    events: { clientsMax: 1, clientsPerAddressMax: 2 },
  });
  expect(() => on("-webeventclients=0")).toThrow("-webeventclients must be 1 or more.");
  expect(() => on("-webeventclientsperaddress=0")).toThrow("-webeventclientsperaddress must be 1 or more.");
});

test("how long it goes on answering at the end", () => {
  for (const seconds of [0, 15, 300]) expect(on(`-webdrain=${seconds}`)).toMatchObject({ drainSeconds: seconds });
  for (const seconds of [-1, 301]) {
    expect(() => on(`-webdrain=${seconds}`)).toThrow(
      `Invalid value '${seconds}' for -webdrain: 0 to 300 seconds are expected.`,
    );
  }
});

test("metrics at an address of their own", () => {
  expect(on("-webmetricsbind=127.0.0.1:9332")).toMatchObject({ metricsListen: { host: "127.0.0.1", port: 9332 } });
  expect(on("-webmetricsbind=[::1]:9332")).toMatchObject({ metricsListen: { host: "::1", port: 9332 } });
  for (const text of ["127.0.0.1", "localhost:9332", ":9332", "127.0.0.1:0", "127.0.0.1:70000"]) {
    expect(() => on(`-webmetricsbind=${text}`), text).toThrow(
      `Invalid value '${text}' for -webmetricsbind: an IP address with a port is expected, as 127.0.0.1:9332.`,
    );
  }
});

test("of a node without a page, metrics and health alone", () => {
  const probesOf = (...args: string[]) => configOf(...args).probeListen;
  expect(probesOf()).toBeUndefined();
  expect(probesOf("-webmetricsbind=0.0.0.0:9332")).toEqual({ host: "0.0.0.0", port: 9332 });
  expect(probesOf("-webmetricsbind=0.0.0.0:9332", "-webport=0")).toEqual({ host: "0.0.0.0", port: 9332 });
  expect(probesOf("-webmetricsbind=0.0.0.0:9332", "-webport=8080")).toBeUndefined();
  expect(() => probesOf("-webmetricsbind=9332")).toThrow("for -webmetricsbind");
});

test("other origins, none unless asked for", () => {
  const origins = ["https://app.example.com", "http://localhost:5173"];
  expect(on(`-webcors=${origins.join(", ")}`)).toMatchObject({ crossOrigins: origins });
  expect(on(...origins.map((origin) => `-webcors=${origin}`))).toMatchObject({ crossOrigins: origins });
  expect(on(`-webcors=${origins[0]},*`)).toMatchObject({ crossOrigins: "*" });
  for (const text of ["", "0"]) expect(on(`-webcors=${text}`)!.crossOrigins).toBeUndefined();
  expect(on("-nowebcors")!.crossOrigins).toBeUndefined();
  // Browsers send neither a path nor the port that goes without saying, and only small letters.
  for (const text of [
    "app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "https://A.example.com",
    "null",
  ]) {
    expect(() => on(`-webcors=${text}`), text).toThrow(`Invalid origin '${text}' for -webcors`);
  }
});

test("certificate and key belong together, and are relative to the network's directory", () => {
  const files = { certPath: "/tmp/bitfleet-none/regtest/cert.pem", keyPath: "/etc/tls/key.pem" };
  expect(on("-webtlscert=cert.pem", "-webtlskey=/etc/tls/key.pem")).toMatchObject({ tlsFiles: files });
  expect(() => on("-webtlscert=cert.pem")).toThrow("-webtlscert needs -webtlskey, the key of that certificate.");
  expect(() => on("-webtlskey=key.pem")).toThrow("-webtlskey needs -webtlscert, the certificate of that key.");
});
