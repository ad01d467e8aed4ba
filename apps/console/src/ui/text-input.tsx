import { FieldError, Input, Label, Text, TextArea, TextField } from "react-aria-components";

interface TextInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "password" | "search" | "number" | "datetime-local";
  description?: string;
  /** Why the value is refused; announced with the field. */
  error?: string;
  placeholder?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
  /** More than one line. */
  rows?: number;
}

/** A labelled text field with description and error. */
export function TextInput(props: TextInputProps) {
  const { label, description, error, placeholder = "", rows, type = "text", ...field } = props;
  return (
    // The browser's own validation would hold a form back for an error the server told.
    <TextField
      {...field}
      type={type}
      className="field"
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      {rows === undefined ? (
        <Input className="input" placeholder={placeholder} autoComplete="off" spellCheck={false} />
      ) : (
        <TextArea className="input" rows={rows} placeholder={placeholder} spellCheck={false} />
      )}
      {description !== undefined && <Text slot="description">{description}</Text>}
      <FieldError>{error}</FieldError>
    </TextField>
  );
}
