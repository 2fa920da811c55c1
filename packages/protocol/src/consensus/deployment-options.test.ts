import { describe, expect, test } from "vitest";
import { parseTestActivationHeight, parseVbParams } from "./deployment-options.ts";
import { NO_TIMEOUT } from "./params.ts";

describe("-testactivationheight", () => {
  test.each([
    ["segwit@1", { deployment: "segwit", height: 1 }],
    ["bip34@0", { deployment: "bip34", height: 0 }],
    ["dersig@2147483646", { deployment: "dersig", height: 2147483646 }],
    ["cltv@007", { deployment: "cltv", height: 7 }],
    ["csv@-0", { deployment: "csv", height: 0 }],
  ])("%s", (text, expected) => {
    expect(parseTestActivationHeight(text)).toEqual(expected);
  });

  test.each([
    ["segwit", "Invalid format (segwit) for -testactivationheight=name@height."],
    ["", "Invalid format () for -testactivationheight=name@height."],
    ["segwit@", "Invalid height value (segwit@) for -testactivationheight=name@height."],
    ["segwit@-1", "Invalid height value (segwit@-1) for -testactivationheight=name@height."],
    ["segwit@2147483647", "Invalid height value (segwit@2147483647) for -testactivationheight=name@height."],
    ["segwit@1@2", "Invalid height value (segwit@1@2) for -testactivationheight=name@height."],
    ["segwit@+1", "Invalid height value (segwit@+1) for -testactivationheight=name@height."],
    ["segwit@ 1", "Invalid height value (segwit@ 1) for -testactivationheight=name@height."],
    ["segwit@1.0", "Invalid height value (segwit@1.0) for -testactivationheight=name@height."],
    ["taproot@1", "Invalid name (taproot@1) for -testactivationheight=name@height."],
    ["@1", "Invalid name (@1) for -testactivationheight=name@height."],
    ["bip65@x", "Invalid height value (bip65@x) for -testactivationheight=name@height."],
  ])("%s is refused", (text, error) => {
    expect(parseTestActivationHeight(text)).toEqual({ error });
  });
});

describe("-vbparams", () => {
  test.each([
    ["testdummy:0:999", { startTime: 0, timeout: 999, minActivationHeight: 0 }],
    ["testdummy:-1:-2:432", { startTime: -1, timeout: -2, minActivationHeight: 432 }],
    [
      "testdummy:1199145601:9223372036854775807",
      { startTime: 1199145601, timeout: NO_TIMEOUT, minActivationHeight: 0 },
    ],
    ["testdummy:0:1:4294967297", { startTime: 0, timeout: 1, minActivationHeight: 1 }],
  ])("%s", (text, override) => {
    expect(parseVbParams(text)).toEqual({ deployment: "testdummy", override });
  });

  const malformed = "Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]";
  test.each([
    ["testdummy", malformed],
    ["testdummy:0", malformed],
    ["testdummy:0:1:2:3", malformed],
    ["testdummy::1", "Invalid nStartTime ()"],
    ["testdummy:x:1", "Invalid nStartTime (x)"],
    ["testdummy:0:9223372036854775808", "Invalid nTimeout (9223372036854775808)"],
    ["testdummy:0:1:", "Invalid min_activation_height ()"],
    ["testdummy:0:1:y", "Invalid min_activation_height (y)"],
    ["taproot:0:1", "Invalid deployment (taproot)"],
    ["taproot:0:y", "Invalid nTimeout (y)"],
  ])("%s is refused", (text, error) => {
    expect(parseVbParams(text)).toEqual({ error });
  });
});
