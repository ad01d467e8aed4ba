import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";

interface ButtonProps extends Omit<AriaButtonProps, "className"> {
  kind?: "plain" | "primary" | "danger";
  isSmall?: boolean;
  className?: string;
}

/** A button; `onPress` hears mouse, touch and keyboard. */
export function Button({ kind = "plain", isSmall = false, className = "", ...rest }: ButtonProps) {
  const classes = ["button", `button-${kind}`, isSmall ? "button-small" : "", className];
  return <AriaButton {...rest} className={classes.filter((name) => name !== "").join(" ")} />;
}
