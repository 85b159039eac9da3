import { atRecord, StrataError } from "../../../errors/strata-error.js";
import { plural } from "../../../text/plural.js";
import type { Tokenizer } from "../../../tokenizer/tokenizer.js";
import { answerRoom } from "../../metric/answer-room.js";
import { cutAtStops } from "../../metric/cut-at-stops.js";
import type { TaskJournal } from "../../output/score-journal.js";
import { encodePair, encodePrompt, prefixToken } from "../../request/encode.js";
import { generateAnswers } from "../../request/generate-answers.js";
import type { ModelSession } from "../../request/model-session.js";
import { continuationRequest, documentRequests, type Request } from "../../request/requests.js";
import { scoreRequests, type RequestScore } from "../../request/score-requests.js";
import type { HarnessRequest, PreparedTask } from "../prompt/requests.js";
import { generationSettings } from "./generation-settings.js";
import type { Response } from "./response.js";
import type { Progress } from "../../task/task.js";

/** How requests become tokens. */
export interface TokenizeOptions {
  readonly tokenizer: Tokenizer;
  /** The ids in front of every text, such as BOS. */
  readonly prefix: readonly number[];
  /** T: longer inputs are cut at the left. */
  readonly maxLength: number;
}

export interface AskOptions {
  readonly session: ModelSession;
  /** Rows of a forward pass. */
  readonly maxRows: number;
  /** Has the results of earlier runs, and receives those of each finished request. */
  readonly journal: TaskJournal<unknown>;
  /** Counts documents. */
  readonly onProgress: Progress;
}

/** Asks a model for the responses to a task's requests, a list for each document. */
export type AskModel = (options: AskOptions) => Promise<Response[][]>;

/**
 * Tokenizes the requests of a task.
 *
 * @throws StrataError naming the document with a choice that has no tokens, or more than the model has positions
 */
export function tokenizeTask(task: PreparedTask, options: TokenizeOptions): AskModel {
  return task.config.outputType === "generate_until" ? askAnswers(task, options) : askScores(task, options);
}

function askScores(task: PreparedTask, options: TokenizeOptions): AskModel {
  const groups = task.documents.map(({ where, requests }) =>
    requests.map((request) => tokenizeRequest(request, options, where)),
  );
  return async ({ session, maxRows, journal, onProgress }) => {
    const documents = groups.length;
    const scores = await scoreRequests(
      groups.map((requests) => requests.flat()),
      {
        ...session,
        maxRows,
        journal: journal as TaskJournal<RequestScore>,
        onProgress: (done, total) => onProgress(Math.floor((done / Math.max(1, total)) * documents), documents),
      },
    );
    let next = 0;
    return groups.map((requests, i) =>
      requests.map((windows, k): Response => {
        const own = scores.slice(next, (next += windows.length));
        if (task.documents[i].requests[k].kind === "continuation") return own[0];
        return { logLikelihood: own.reduce((sum, { logLikelihood }) => sum + logLikelihood, 0) };
      }),
    );
  };
}

/** One request of a continuation, or the windows of a text. */
function tokenizeRequest(request: HarnessRequest, options: TokenizeOptions, where: string): Request[] {
  const { tokenizer, prefix, maxLength } = options;
  if (request.kind === "rolling")
    return documentRequests(encodePrompt(tokenizer, request.text, prefix), prefixToken(tokenizer), maxLength);
  if (request.kind === "generation") throw new RangeError("a task asks either for texts or for log-likelihoods");
  const { context, continuation } = atRecord(where, () =>
    encodePair(tokenizer, request.context, request.continuation, prefix),
  );
  if (continuation.length <= maxLength) return [continuationRequest(context, continuation, maxLength)];
  throw new StrataError("EvaluationError", {
    where,
    expected: `a choice of at most ${plural(maxLength, "token")}, the model's max_position_embeddings`,
    got: `${continuation.length}`,
    hint: "Remove this document or use a model with more positions.",
  });
}

function askAnswers(task: PreparedTask, { tokenizer, prefix, maxLength }: TokenizeOptions): AskModel {
  const [eos] = tokenizer.eosIds;
  const eosText = eos === undefined ? null : tokenizer.decode([eos]);
  const { stops, maxTokens } = generationSettings(task.config.generation!, eosText, task.config.task);
  const room = answerRoom(maxTokens, maxLength);
  const requests = task.documents.flatMap(({ requests: own, where }) => own.map((request) => ({ request, where })));
  const prompts = requests.map(({ request, where }) => {
    const ids = encodePrompt(tokenizer, (request as { readonly context: string }).context, prefix);
    if (ids.length > 0) return ids.slice(-(maxLength - room));
    throw new StrataError("EvaluationError", {
      where,
      expected: "a prompt of at least one token",
      got: "none",
      hint: "Remove this document.",
    });
  });
  return async ({ session, journal, onProgress }) => {
    const answers = await generateAnswers(session.generator, tokenizer, prompts, {
      stops,
      maxTokens: room,
      journal: journal as TaskJournal<readonly number[]>,
      onProgress,
    });
    const texts = answers.map((ids) => cutAtStops(tokenizer.decode(ids, { skipSpecial: true }), stops));
    let next = 0;
    return task.documents.map(({ requests: own }) => own.map(() => ({ text: texts[next++] })));
  };
}
