import { Card } from "@bitfleet/ui/card.tsx";
import { CubeIcon } from "@bitfleet/ui/icons.tsx";
import { Message } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.isNew;

/** For a chain of the genesis block alone: what has it grow. */
export function NewChain({ chain }: { readonly chain: string }): ReactElement {
  const isPrivate = chain === "regtest";
  return (
    <Card>
      <Message
        title={texts.title}
        icon={<CubeIcon size={36} />}
        action={
          <Button component={Link} to={isPrivate ? "/mining" : "/network"}>
            {isPrivate ? texts.mine : texts.peers}
          </Button>
        }
      >
        {isPrivate ? (
          <>
            {texts.regtest} <code>{texts.command}</code>. {texts.comes}
          </>
        ) : (
          texts.others
        )}
      </Message>
    </Card>
  );
}
