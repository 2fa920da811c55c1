import { Card, PageHead } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import type { ReactElement } from "react";
import { useAccount } from "../../session-provider.tsx";
import { SignForm } from "./sign-form.tsx";
import { texts } from "./texts.ts";
import { VerifyForm } from "./verify-form.tsx";

/** Signs messages with addresses of the account, and verifies those of others. */
export function MessagesScreen(): ReactElement {
  const { id, signs } = useAccount();
  const sign = () => (
    <Card title={texts.sign.title}>
      {signs ? <SignForm key={id} /> : <p className={formClasses.note}>{texts.sign.watch}</p>}
    </Card>
  );
  const verify = () => (
    <Card title={texts.verify.title}>
      <VerifyForm key={id} />
    </Card>
  );
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <Tabs
        label={texts.tabs.label}
        tabs={[
          { id: "sign", title: texts.tabs.sign, panel: sign },
          { id: "verify", title: texts.tabs.verify, panel: verify },
        ]}
      />
    </>
  );
}
