import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatMessage } from "../../src/tokenizer/chat/chat-template.js";

/** Files as they are in the field: one folder per kind, made by test/golden/field/make. */
export const casesFolder = join(import.meta.dirname, "../golden/field/cases");

interface Common {
  readonly kind: string;
  readonly name: string;
  /** A refusal that matches this pattern is right too. */
  readonly mayRefuse?: string;
}

export interface EncodeCase extends Common {
  readonly do: "encode";
  readonly tokenizer: string;
  readonly text: string;
  readonly ids: readonly number[];
  readonly textWithoutSpecial?: string;
  readonly eos?: number;
}

export interface ChatCase extends Common {
  readonly do: "chat";
  readonly template: string;
  readonly messages: readonly ChatMessage[];
  readonly text: string;
}

export interface GenerateCase extends Common {
  readonly do: "generate";
  readonly model: string;
  readonly prompt: string;
  readonly new: number;
  readonly promptIds: readonly number[];
  readonly tokens: readonly number[];
}

export interface ReadCase extends Common {
  readonly do: "read";
  readonly files: readonly string[];
  /** `model`: the one whose chat template writes the messages. */
  readonly as:
    | { readonly field: string }
    | { readonly template: string }
    | { readonly messages: string; readonly model: string };
  readonly texts: readonly string[];
}

export interface TrainCase extends Common {
  readonly do: "train";
  readonly model: string;
  readonly file: string;
  readonly ids: readonly number[];
  readonly firstLoss: number;
}

export interface ChoicesCase extends Common {
  readonly do: "choices";
  readonly model: string;
  readonly file: string;
  readonly logLikelihoods: readonly (readonly number[])[];
  readonly acc: number;
  readonly acc_norm: number;
}

export interface LossCase extends Common {
  readonly do: "loss";
  readonly model: string;
  readonly file: string;
  readonly as: { readonly messages: string };
  readonly predicted: number;
  readonly loss: number;
}

export interface RefuseCase extends Common {
  readonly do: "refuse";
  readonly model?: string;
  readonly train?: { readonly model: string; readonly files: readonly string[] };
  readonly says: readonly string[];
}

export interface TellEarlyCase extends Common {
  readonly do: "tell_early";
  readonly evaluation: "gsm8k" | "arc_easy";
  readonly files: readonly string[];
  readonly says: readonly string[];
  /** Reading the file is right too. */
  readonly mayRead?: boolean;
}

export type FieldCase =
  | EncodeCase
  | ChatCase
  | GenerateCase
  | ReadCase
  | TrainCase
  | ChoicesCase
  | LossCase
  | RefuseCase
  | TellEarlyCase;

/** Every case of every kind. */
export const fieldCases: readonly FieldCase[] = readdirSync(casesFolder).flatMap((kind) => {
  const path = join(casesFolder, kind, "expected.json");
  if (kind === "any-model") return [];
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Omit<FieldCase, "kind">[] };
  return cases.map((one) => ({ ...one, kind }) as FieldCase);
});

/** The cases of one sort, as rows of `test.each`. */
export function casesOf<Do extends FieldCase["do"]>(sort: Do): [string, Extract<FieldCase, { do: Do }>][] {
  return fieldCases.flatMap((one) =>
    one.do === sort ? [[`${one.kind}: ${one.name}`, one as Extract<FieldCase, { do: Do }>]] : [],
  );
}

/** A file or folder of a case. */
export function inCase({ kind }: Common, name: string): string {
  return join(casesFolder, kind, name);
}
