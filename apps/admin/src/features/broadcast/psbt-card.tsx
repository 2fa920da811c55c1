import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import type { FinalizedPsbt, PsbtInputState } from "@bitfleet/api/rest/watch-psbt.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { formatCount, shortHash } from "@bitfleet/ui/format.ts";
import { AddressLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import classes from "./psbt-card.module.css";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.psbt;

/** BIP174, in the order of its life. */
const ROLES = ["creator", "updater", "signer", "finalizer", "extractor"] as const;
const INPUTS_SHOWN_MAX = 25;
const HASHES_SHOWN_MAX = 4;

interface PsbtCardProps {
  readonly progress: FinalizedPsbt;
  /** Several were brought together. */
  readonly isMerged: boolean;
}

/** How far a PSBT has come that is not complete: who is to have it next, and what each input wants. */
export function PsbtCard({ progress, isMerged }: PsbtCardProps): ReactElement {
  const { next, problem, inputs, decoded } = progress;
  const role = next ?? "creator";
  return (
    <Card
      title={texts.states[role]}
      aside={
        <span className={classes.copy}>
          {texts.copy} <CopyButton text={progress.psbt} label="PSBT" />
        </span>
      }
    >
      <div className={classes.parts} data-testid="psbt">
        <ol className={classes.roles} aria-label={texts.roles.label}>
          {ROLES.map((one) => (
            <li
              key={one}
              data-done={ROLES.indexOf(one) < ROLES.indexOf(role)}
              aria-current={one === role ? "step" : undefined}
            >
              {texts.roles[one]}
            </li>
          ))}
        </ol>
        <p className={classes.hint}>
          {problem !== null && <strong>{problem}. </strong>}
          {texts.hints[role]} {isMerged && texts.merged}
        </p>
        <table className={classes.inputs} aria-label={texts.inputs}>
          <thead>
            <tr>
              <th scope="col">{texts.number}</th>
              <th scope="col">{texts.coin}</th>
              <th scope="col" className={classes.amount}>
                {texts.amount}
              </th>
              <th scope="col">{texts.state}</th>
            </tr>
          </thead>
          <tbody>
            {inputs.slice(0, INPUTS_SHOWN_MAX).map((input, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an input is its place
              <tr key={index} data-final={input.is_final}>
                <th scope="row">{formatCount(index)}</th>
                <Coin input={decoded?.inputs[index]} state={<State input={input} />} />
              </tr>
            ))}
          </tbody>
        </table>
        {inputs.length > INPUTS_SHOWN_MAX && (
          <p className={classes.hint}>{texts.more(formatCount(inputs.length - INPUTS_SHOWN_MAX))}</p>
        )}
      </div>
    </Card>
  );
}

function Coin({
  input,
  state,
}: {
  readonly input: DecodedTransaction["inputs"][number] | undefined;
  readonly state: ReactElement;
}): ReactElement {
  const prevout = input?.prevout;
  const address = prevout?.script.address;
  return (
    <>
      <td>
        {prevout == null ? (
          texts.unknownCoin
        ) : address == null ? (
          prevout.script.type
        ) : (
          <AddressLink address={address} edgeCount={9} hasNoCopy />
        )}
        {input?.txid != null && (
          <small className={classes.outPoint}>
            {shortHash(input.txid, 6)}:{input.vout}
          </small>
        )}
      </td>
      <td className={classes.amount}>{prevout == null ? "–" : <Amount sats={BigInt(prevout.value)} />}</td>
      <td className={classes.state}>{state}</td>
    </>
  );
}

function State({ input }: { readonly input: PsbtInputState }): ReactElement {
  if (input.is_final) return <span className={classes.final}>{texts.final}</span>;
  const { missing_signatures: wanted, missing_public_keys: keys, signature_count: count } = input;
  const isBare = input.next === "updater" && wanted.length === 0 && keys.length === 0 && !input.is_script_missing;
  return (
    <span className={classes.open}>
      {count === 0 ? texts.noSignature : texts.signatures(count)}
      <small>
        {input.is_script_missing && `${texts.wantsScript}. `}
        {keys.length > 0 && `${texts.wantsKey} ${hashes(keys)}. `}
        {wanted.length > 0 && `${texts.wants(wanted.length)} ${hashes(wanted)}`}
        {wanted.length === 0 && input.next === "signer" && texts.wantsSignature}
        {isBare && texts.wantsCoin}
      </small>
    </span>
  );
}

const hashes = (all: readonly string[]) =>
  all
    .slice(0, HASHES_SHOWN_MAX)
    .map((hash) => shortHash(hash, 4))
    .join(", ") + (all.length > HASHES_SHOWN_MAX ? ", …" : "");
