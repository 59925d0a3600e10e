// A small client written against the generated types: what a user of them does, so that a change which breaks such a
// program does not go unnoticed. It is compiled, not run. Each `@ts-expect-error` marks a mistake that the types must catch.
import type {
  ClientNotification,
  ClientRequest,
  InitializeParams,
  InitializeResponse,
  RequestId,
  ServerNotificationEnvelope,
  ServerRequest,
  v2,
} from "../../generated/typescript";

// Which answer belongs to which request; the rest of a client derives from it.
interface Answers {
  initialize: InitializeResponse;
  "thread/start": v2.ThreadStartResponse;
  "turn/start": v2.TurnStartResponse;
  "account/rateLimits/read": v2.GetAccountRateLimitsResponse;
}
type Known = keyof Answers;
type ParamsOf<M extends Known> = Extract<ClientRequest, { method: M }>["params"];

export interface Transport {
  send(message: ClientRequest | ClientNotification | { id: RequestId; result: unknown }): void;
  answerTo(id: RequestId): Promise<unknown>;
}

export class Client {
  private nextId = 0;
  readonly texts = new Map<string, string>();

  constructor(private readonly transport: Transport) {}

  async call<M extends Known>(method: M, params: ParamsOf<M>): Promise<Answers[M]> {
    const id = this.nextId++;
    this.transport.send({ method, id, params } as ClientRequest);
    return (await this.transport.answerTo(id)) as Answers[M];
  }

  async start(cwd: string): Promise<v2.Thread> {
    const hello: InitializeParams = {
      clientInfo: { name: "sample", title: null, version: "1" },
      capabilities: { experimentalApi: true, requestAttestation: false },
    };
    await this.call("initialize", hello);
    this.transport.send({ method: "initialized" });
    const { thread } = await this.call("thread/start", { cwd, sandbox: "read-only", approvalPolicy: "on-request" });
    return thread;
  }

  async ask(thread: v2.Thread, text: string): Promise<v2.TurnStatus> {
    const input: Array<v2.UserInput> = [
      { type: "text", text, text_elements: [] },
      { type: "image", url: "data:image/png;base64,", detail: "low" },
    ];
    const { turn } = await this.call("turn/start", { threadId: thread.id, input, effort: "high" });
    return turn.status;
  }

  notified(message: ServerNotificationEnvelope): string | null {
    switch (message.method) {
      case "item/agentMessage/delta":
        this.texts.set(message.params.itemId, (this.texts.get(message.params.itemId) ?? "") + message.params.delta);
        return null;
      case "item/completed":
        return described(message.params.item);
      case "turn/completed":
        return message.params.turn.error?.message ?? message.params.turn.status;
      default:
        return null;
    }
  }

  asked(request: ServerRequest): void {
    switch (request.method) {
      case "item/commandExecution/requestApproval": {
        const reason: string | null | undefined = request.params.reason;
        const decision: v2.CommandExecutionApprovalDecision = reason ? "accept" : "decline";
        this.answer<v2.CommandExecutionRequestApprovalResponse>(request, { decision });
        break;
      }
      case "item/fileChange/requestApproval":
        this.answer<v2.FileChangeRequestApprovalResponse>(request, { decision: "acceptForSession" });
        break;
      case "currentTime/read":
        this.answer<v2.CurrentTimeReadResponse>(request, { currentTimeAt: 0 });
        break;
      default:
        this.answer(request, {});
    }
  }

  private answer<T>(request: ServerRequest, result: T): void {
    this.transport.send({ id: request.id, result });
  }
}

function described(item: v2.ThreadItem): string {
  switch (item.type) {
    case "commandExecution":
      return `${item.command} in ${item.cwd}: ${item.exitCode ?? "still running"}`;
    case "fileChange":
      return item.changes.map((change) => `${change.kind.type} ${change.path}`).join(", ");
    case "webSearch":
      return item.query;
    case "imageGeneration":
      return "result" in item ? item.result : item.fileId;
    default:
      return item.id;
  }
}

// @ts-expect-error a thread is named by a string
export const wrongParams: v2.ThreadReadParams = { threadId: 1 };
// @ts-expect-error there is no such policy
export const wrongPolicy: v2.AskForApproval = "on-failure";
// @ts-expect-error a turn needs input
export const missingMember: v2.TurnStartParams = { threadId: "t" };
// @ts-expect-error a thread always says where it works
export const omittedMember: Pick<v2.Thread, "id" | "cwd"> = { id: "t" };
// @ts-expect-error an image has an address or a file, never neither
export const neither: v2.UserInput = { type: "image" };
