import { describe, expect, test } from "vitest";
import { LABEL_LENGTH_MAX, type LabelLine, labelsFile, readLabels } from "./label-lines.ts";

const TXID = "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd";
const line = (fields: Partial<LabelLine>): LabelLine => ({
  kind: "tx",
  ref: TXID,
  label: undefined,
  isSpendable: undefined,
  ...fields,
});

test("what is written is read again", () => {
  const lines = [
    line({ label: 'Rent "in" March, 家賃 🏠' }),
    line({ kind: "addr", ref: "bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c", label: "Address" }),
    line({ kind: "output", ref: `${TXID}:1`, isSpendable: false }),
  ];
  expect(readLabels(labelsFile(lines))).toEqual(lines);
  expect(labelsFile(lines).split("\n")[0]).toBe(`{"type":"tx","ref":"${TXID}","label":"Rent \\"in\\" March, 家賃 🏠"}`);
});

describe("a file of another wallet", () => {
  test("may have kinds that are not known here, further fields, empty lines and other line ends", () => {
    const file = [
      `\ufeff{ "type": "tx", "ref": "${TXID}", "label": " Transaction\\n two ", "origin": "wpkh([d34db33f/84'/0'/0'])" }`,
      '{"type":"pubkey","ref":"0283409659355b6d1cc3c32decd5d561abaac86c37a353b52895a5e6c196d6f448","label":"Public Key"}',
      "",
      `{"type":"input","ref":"${TXID}:0","label":"Input"}`,
      `{"type":"output","ref":"${TXID}:1","label":"Output","spendable":true}`,
      '{"type":"xpub","ref":"xpub661MyMwAqRbcFtXgS5s","label":"Extended Public Key"}',
      `{"type":"tx","ref":"${TXID}","spendable":false}`,
    ];
    expect(readLabels(`${file.join("\r\n")}\r\n`)).toEqual([
      line({ label: "Transaction two" }),
      line({ kind: "output", ref: `${TXID}:1`, label: "Output", isSpendable: true }),
      line({}),
    ]);
  });

  test("has its labels cut to what is shown here", () => {
    const [read] = readLabels(JSON.stringify({ type: "tx", ref: TXID, label: "x".repeat(300) }));
    expect(read?.label).toHaveLength(LABEL_LENGTH_MAX);
  });

  test.each([
    ["", /no label in this file/],
    ["date,txid,label\n", /Line 1 is no label/],
    [`{"type":"tx","ref":"${TXID}"}\n{"type":"tx","label":"x"}`, /Line 2 is no label/],
    [`{"type":"tx","ref":"${TXID}","label":5}`, /Line 1 is no label/],
    ["null", /Line 1 is no label/],
    ["[1]", /Line 1 is no label/],
    ['{"type":"tx","ref":"a"}\n'.repeat(20_001), /up to 20000 lines/],
  ])("is refused where it is none: %j", (text, problem) => {
    expect(() => readLabels(text)).toThrow(problem);
  });
});
