import { Badge } from "@bitfleet/ui/badge.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import type { ReactElement } from "react";
import type { SharedStanding } from "../../session/account.ts";
import { cosignerName } from "../../shared/cosigner-name.ts";
import sharedClasses from "../../shared/shared.module.css";
import { SignerLine } from "../../shared/signer-line.tsx";
import classes from "./psbt.module.css";
import { whoIsMissing } from "./psbt-facts.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.shared;

/** Who of several has signed, and of whom a signature is missing. */
export function SignersPart({ shared }: { readonly shared: SharedStanding }): ReactElement {
  const { required, signed, signers } = shared;
  const missing = required - signed;
  const here = signers.filter(({ owner, hasSigned }) => owner !== undefined && !hasSigned).length;
  return (
    <section className={classes.signers} aria-label={texts.title} data-testid="psbt-signers">
      <h3>{texts.title}</h3>
      {missing > 0 && (
        <p className={formClasses.note}>
          {here >= missing
            ? texts.missingHere(missing)
            : here > 0
              ? texts.missingPartly(missing)
              : texts.missing(missing, whoIsMissing(shared, texts.or))}
        </p>
      )}
      <ul className={sharedClasses.signers}>
        {signers.map((signer, index) => (
          <SignerLine
            // biome-ignore lint/suspicious/noArrayIndexKey: a signer is its place in the scripts
            key={index}
            name={cosignerName(signer, index)}
            fingerprint={signer.fingerprint}
            owner={signer.owner}
          >
            <Badge tone={signer.hasSigned ? "good" : "plain"}>{signer.hasSigned ? texts.signed : texts.open}</Badge>
          </SignerLine>
        ))}
      </ul>
    </section>
  );
}
