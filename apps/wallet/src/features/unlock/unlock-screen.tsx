import { Field } from "@bitfleet/ui/field.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { useSession } from "../../session-provider.tsx";

export function UnlockScreen(): ReactElement {
  const session = useSession();
  const [passphrase, setPassphrase] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void session.unlock(passphrase);
      }}
    >
      <Field
        label="Passphrase"
        type="password"
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      <Button type="submit">Unlock</Button>
    </form>
  );
}
