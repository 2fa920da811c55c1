import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { NetworkIcon } from "@bitfleet/ui/icons.tsx";
import { Button, Loader } from "@mantine/core";
import { type ReactElement, useEffect, useState } from "react";
import { NetworkFactsList } from "../../networks/network-facts.tsx";
import { PlaceForm } from "../../networks/place-form.tsx";
import { chainName, networkTexts } from "../../networks/texts.ts";
import { Notice } from "../../notice.tsx";
import type { NetworkFacts } from "../../session/session.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { useTask } from "../../use-task.ts";
import { ChoiceButton } from "./choice-button.tsx";
import classes from "./onboarding.module.css";
import { Progress } from "./progress.tsx";
import { texts as allTexts } from "./texts.ts";
import { type NamedPlace, useFirstPlace } from "./use-first-place.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.network;

export function NetworkStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const { networks, wallets } = useOpenState();
  const choose = async (place: NamedPlace) => {
    const { id } = await session.saveNetwork(place);
    setup.change({ networkId: id });
    setup.go("kind");
  };
  const first = useFirstPlace();
  const isOffered = first !== undefined && !networks.some(({ url }) => url === first.url);
  return (
    <StepPage
      title={texts.title}
      about={texts.about}
      onBack={networks.length > 0 || wallets.length > 0 ? setup.back : undefined}
      isFurther
    >
      {wallets.length === 0 && <Progress at="network" />}
      {networks.length > 0 && (
        <ul className={classes.choices} aria-label={texts.saved}>
          {networks.map((network) => (
            <li key={network.id}>
              <ChoiceButton
                icon={<NetworkIcon />}
                title={network.name}
                about={`${chainName(network.chain)} · ${network.url === "" ? location.host : network.url}`}
                onChoose={() => {
                  setup.change({ networkId: network.id });
                  setup.go("kind");
                }}
              />
            </li>
          ))}
        </ul>
      )}
      {isOffered && <FirstPlace place={first} onUse={choose} />}
      <Card title={texts.other}>
        <PlaceForm useLabel={texts.use} isSecond onUse={choose} />
      </Card>
      <p className={classes.hint}>{texts.privacy}</p>
    </StepPage>
  );
}

/** What answers where an answer is expected, looked at without being asked. */
function FirstPlace({
  place,
  onUse,
}: {
  readonly place: NamedPlace;
  readonly onUse: (place: NamedPlace) => Promise<void>;
}): ReactElement {
  const session = useSession();
  const [facts, setFacts] = useState<NetworkFacts>();
  const [problem, setProblem] = useState<string>();
  const [tries, setTries] = useState(0);
  const use = useTask();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again
  useEffect(() => {
    let isWanted = true;
    session.tryNetwork(place).then(
      (found) => isWanted && setFacts(found),
      (error: unknown) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [session, place, tries]);
  if (facts === undefined && problem === undefined) {
    return (
      <Card title={place.name}>
        <div className={classes.bar} role="status">
          <p>{texts.looking}</p>
          <Loader size="sm" />
        </div>
      </Card>
    );
  }
  if (facts === undefined) {
    return (
      <Notice
        tone="plain"
        title={place.name}
        role="status"
        actions={
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setProblem(undefined);
              setTries(tries + 1);
            }}
          >
            {texts.again}
          </Button>
        }
      >
        {texts.ownSilent} {problem}
      </Notice>
    );
  }
  return (
    <Card title={place.name}>
      <NetworkFactsList facts={facts} />
      {facts.chain === "main" && <Notice tone="warn">{networkTexts.realMoney}</Notice>}
      {use.problem !== undefined && (
        <Notice tone="bad" role="alert">
          {use.problem}
        </Notice>
      )}
      <div className={formClasses.buttons}>
        <Button loading={use.isBusy} onClick={() => void use.run(() => onUse(place))}>
          {texts.use}
        </Button>
      </div>
    </Card>
  );
}
