import { useState, type ReactNode } from "react";
import { Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";

import { strings } from "../strings.ts";
import { Button } from "./button.tsx";
import { ErrorState } from "./error-state.tsx";
import { TextInput } from "./text-input.tsx";

interface ConfirmDialogProps {
  /** Text of the button that opens it. */
  trigger: string;
  title: string;
  /** What will happen, and what cannot be undone. */
  children: ReactNode;
  /** Text of the button that does it. */
  confirm: string;
  /** Has to be typed before it can be done; for what cannot be undone. */
  typed?: { label: string; text: string };
  isDanger?: boolean;
  isDisabled?: boolean;
  /** The dialog stays open until it resolves, and shows why when it rejects. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something happens that cannot easily be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const kind = props.isDanger === true ? "danger" : "primary";
  return (
    <DialogTrigger>
      <Button kind={kind} isDisabled={props.isDisabled === true}>
        {props.trigger}
      </Button>
      <ModalOverlay className="dialog-ground" isDismissable>
        <Modal className="dialog">
          <Dialog role="alertdialog">
            {({ close }) => <Question {...props} kind={kind} close={close} />}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

function Question(props: ConfirmDialogProps & { kind: "danger" | "primary"; close: () => void }) {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const mayGo = props.typed === undefined || typed === props.typed.text;
  const confirm = async () => {
    setBusy(true);
    try {
      await props.onConfirm();
      props.close();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <>
      <Heading slot="title">{props.title}</Heading>
      <div>{props.children}</div>
      {props.typed !== undefined && (
        <TextInput label={props.typed.label} value={typed} onChange={setTyped} />
      )}
      {error !== undefined && <ErrorState error={error} />}
      <div className="row">
        <Button kind={props.kind} isDisabled={!mayGo || isBusy} onPress={() => void confirm()}>
          {props.confirm}
        </Button>
        <Button onPress={props.close}>{strings.cancel}</Button>
      </div>
    </>
  );
}
