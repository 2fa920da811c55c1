import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactElement, useEffect, useId, useState } from "react";
import { useApi } from "./api-provider.tsx";
import classes from "./key-form.module.css";
import { rememberedKey, rememberKey } from "./keys/remembered-keys.ts";

/** Asks for the key of a node that shows nothing without one, tries it, and begins anew with it. It is kept until the tab closes. */
export function KeyForm(): ReactElement {
  const api = useApi();
  const id = useId();
  const [key, setKey] = useState("");
  const trial = useMutation({
    mutationFn: (apiKey: string) => api.blockchain({}, { apiKey }),
    networkMode: "always",
    onSuccess: (_info, apiKey) => {
      rememberKey("reading", apiKey);
      location.reload();
    },
  });
  // The one that was sent opens nothing any more: it is asked for anew, and not sent on and on meanwhile.
  useEffect(() => {
    if (rememberedKey("reading") === "") return;
    rememberKey("reading", "");
    location.reload();
  }, []);
  return (
    <form
      className={classes.form}
      aria-label="Key of the node"
      onSubmit={(event) => {
        event.preventDefault();
        trial.mutate(key);
      }}
    >
      <label className={classes.field} htmlFor={`${id}-key`}>
        <span>API key, of any role</span>
        <input
          id={`${id}-key`}
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value.trim())}
        />
      </label>
      <Button type="submit" loading={trial.isPending} disabled={key === ""}>
        Show the chain
      </Button>
      {trial.error !== null && (
        <p className={classes.problem} role="alert">
          {trial.error.message}
        </p>
      )}
    </form>
  );
}
