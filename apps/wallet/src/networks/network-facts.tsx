import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import type { NetworkFacts } from "../session/session.ts";
import { chainName, networkTexts as texts } from "./texts.ts";

/** What answered at a place that was tried. */
export function NetworkFactsList({ facts }: { readonly facts: NetworkFacts }): ReactElement {
  return (
    <dl className={formClasses.facts} data-testid="network-facts">
      <div>
        <dt>{texts.chain}</dt>
        <dd>{chainName(facts.chain)}</dd>
      </div>
      <div>
        <dt>{texts.height}</dt>
        <dd>{formatCount(facts.tipHeight)}</dd>
      </div>
      <div>
        <dt>{texts.protocol}</dt>
        <dd>{texts[facts.protocol]}</dd>
      </div>
      {facts.hasFaucet && (
        <div>
          <dt>{texts.faucet}</dt>
          <dd>{texts.hasFaucet}</dd>
        </div>
      )}
    </dl>
  );
}
