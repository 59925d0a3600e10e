"""What TypeScript shows and no model tells: folders, second names, and members that depart from the rule of `typescript_types`.

The reference writes its TypeScript from attributes of its own that leave no trace on the wire; these tables are what they add
up to, observed in the output of its `generate-ts` (0.169). A type is known by its path without the ending (`v2/Thread`), a
member by its type's path and its wire name. Types not named here stand in `v2`.
"""

from typing import Any, NamedTuple

from protocol.base import Variant
from protocol.capability import FunctionNamespaceTool, FunctionToolSpec, NamespaceToolSpec
from protocol.config_tools import AppConfig, AppLinkConfig, AppToolConfig
from protocol.item import ImageGenerationItem, SleepItem, WebSearchItem
from protocol.model_provider import BedrockSettingsPatch, CustomGatewaySettingsPatch, GcpSettingsPatch
from protocol.responses_content import ExecLocalShellAction

JSON_VALUE = "serde_json/JsonValue"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROOT = _words("""
    AbsolutePathBuf AgentMessageInputContent AgentPath ApplyPatchApprovalParams ApplyPatchApprovalResponse AuthMode
    AutoCompactTokenLimitScope ClientInfo CodexResponseHandoffMode CollaborationMode ConfigurationReasoning ContentItem
    ConversationGitInfo ConversationSummary ConversationTextRole ExecCommandApprovalParams ExecCommandApprovalResponse
    FileChange ForcedLoginMethod FunctionCallOutputBody FunctionCallOutputContentItem FuzzyFileSearchMatchType
    FuzzyFileSearchParams FuzzyFileSearchResponse FuzzyFileSearchResult FuzzyFileSearchSessionCompletedNotification
    FuzzyFileSearchSessionStartParams FuzzyFileSearchSessionStartResponse FuzzyFileSearchSessionStopParams
    FuzzyFileSearchSessionStopResponse FuzzyFileSearchSessionUpdateParams FuzzyFileSearchSessionUpdateResponse
    FuzzyFileSearchSessionUpdatedNotification GetAuthStatusParams GetAuthStatusResponse GetConversationSummaryParams
    GetConversationSummaryResponse GitDiffToRemoteParams GitDiffToRemoteResponse GitSha GuardianAssessmentOutcome
    ImageDetail ImageGenerationFailure ImageGenerationInputImage ImageGenerationItem InitializeCapabilities
    InitializeParams InitializeResponse InputModality InternalChatMessageMetadataPassthrough InternalSessionSource
    LegacyAppPathString LocalShellAction LocalShellExecAction LocalShellStatus McpServerInfo MessagePhase ModeKind
    MultiAgentMode ParsedCommand PathUri Personality PlanType RealtimeConversationVersion RealtimeOutputModality
    RealtimeVoice RealtimeVoicesList ReasoningEffort ReasoningItemContent ReasoningItemReasoningSummary ReasoningSummary
    RequestId Resource ResourceContent ResourceTemplate ResponseItem ResponseItemId ReviewDecision Settings SleepItem
    SubAgentSource ThreadId ThreadMemoryMode Tool ToolExposureSurface Verbosity WebSearchContextSize WebSearchItem
    WebSearchLocation WebSearchMode WebSearchProvider WebSearchToolConfig
""")
_RENAMED = {"ResponsesApiWebSearchAction": "WebSearchAction"}


def path_of(name: str) -> str:
    """Where the type of a model or alias stands."""
    return _RENAMED.get(name) or (name if name in _ROOT else f"v2/{name}")


INLINED = frozenset({"AppConfig", "AppLinkConfig", "AppToolConfig", "ThreadListCwdFilter"})
"""Types that have a name in JSON Schema alone."""

UNNAMED_PREFIXES = ("JSONRPC", "Nullable", "W3c")
"""What the names of types start with that TypeScript lacks: envelopes, and params that may be null."""

UNNAMED = frozenset({"ThreadRollbackParams", "ThreadRollbackResponse", "thread/rollback"})
"""Other types and methods that TypeScript lacks."""

COPIES = ("NetworkPolicyAmendment", "NetworkPolicyRuleAction")
"""Types that stand at the root too."""


BODIES: dict[type[Variant], str] = {
    BedrockSettingsPatch: "v2/BedrockSettingsParams",
    CustomGatewaySettingsPatch: "v2/CustomGatewaySettingsParams",
    ExecLocalShellAction: "LocalShellExecAction",
    FunctionNamespaceTool: "v2/DynamicToolFunctionSpec",
    FunctionToolSpec: "v2/DynamicToolFunctionSpec",
    GcpSettingsPatch: "v2/GcpSettingsParams",
    ImageGenerationItem: "ImageGenerationItem",
    NamespaceToolSpec: "v2/DynamicToolNamespaceSpec",
    SleepItem: "SleepItem",
    WebSearchItem: "WebSearchItem",
}
"""Alternatives of unions that have a name and a file of their own, without the tag."""


class Text(NamedTuple):
    """A type that no model has."""

    doc: str
    text: str
    uses: tuple[str, ...] = ()


TEXTS = {
    "ExecPolicyAmendment": Text("The beginning of a command that is allowed from now on.", "Array<string>"),
    "GitSha": Text("The hash of a commit.", "string"),
    "InternalSessionSource": Text("Which task of the server's own started a session.", '"memory_consolidation" | "guardian"'),
    "ResponseItemId": Text("The id of an item of the Responses API.", "string"),
    "SessionSource": Text(
        "What kind of client started a conversation, in the words of rollout files.",
        '"cli" | "vscode" | "exec" | "mcp" | { custom: string } | { internal: InternalSessionSource }'
        ' | { subagent: SubAgentSource } | "unknown"',
        ("InternalSessionSource", "SubAgentSource"),
    ),
    JSON_VALUE: Text(
        "Any JSON value.",
        "number | string | boolean | Array<JsonValue> | { [key in string]?: JsonValue } | null",
    ),
    "v2/ExecPolicyAmendment": Text("The beginning of a command that is allowed from now on.", "Array<string>"),
}

NAMED = {"ConversationSummary.source": "SessionSource"}
"""Members whose type has another name in TypeScript."""

UNKNOWN = frozenset({"ContentItem", "ResponseItem", "v2/CodexErrorInfo"})
"""Types whose free members are `unknown`, not a JSON value."""

BIGINTS = _words("""
    LocalShellExecAction.timeout_ms v2/AccountSession.lastUsedAt v2/AccountTokenUsageDailyBucket.tokens
    v2/AccountTokenUsageSummary.currentStreakDays v2/AccountTokenUsageSummary.lifetimeTokens
    v2/AccountTokenUsageSummary.longestRunningTurnSec v2/AccountTokenUsageSummary.longestStreakDays
    v2/AccountTokenUsageSummary.peakDailyTokens v2/Config.model_auto_compact_token_limit v2/Config.model_context_window
    v2/ConfiguredHookHandler.timeoutSec v2/ExternalAgentConfigImportHistory.completedAtMs v2/HookMetadata.displayOrder
    v2/HookMetadata.timeoutSec v2/HookRunSummary.completedAt v2/HookRunSummary.displayOrder v2/HookRunSummary.durationMs
    v2/HookRunSummary.startedAt v2/McpElicitationTitledMultiSelectEnumSchema.maxItems
    v2/McpElicitationTitledMultiSelectEnumSchema.minItems v2/McpElicitationUntitledMultiSelectEnumSchema.maxItems
    v2/McpElicitationUntitledMultiSelectEnumSchema.minItems v2/McpServerOauthLoginParams.timeoutSecs
    v2/RateLimitResetCreditsSummary.availableCount v2/RemoteControlClient.lastSeenAt
    v2/RemoteControlPairingStartResponse.expiresAt v2/ThreadBackgroundTerminal.rssKb
    v2/ThreadDecrementElicitationResponse.count v2/ThreadIncrementElicitationResponse.count
    v2/ThreadSampleResponse.cachedInputTokens v2/ThreadSampleResponse.inputTokens v2/ThreadSampleResponse.outputTokens
    v2/ThreadUsage.estimatedUsageCreditsMicros v2/ThreadUsage.estimatedUsageUsdMicros v2/ThreadUsage.nativeUsageUsdMicros
    v2/ThreadUsageBreakdownGroup.cachedInputTokens v2/ThreadUsageBreakdownGroup.estimatedUsageCreditsMicros
    v2/ThreadUsageBreakdownGroup.inputTokens v2/ThreadUsageBreakdownGroup.netNewInputTokens
    v2/ThreadUsageBreakdownGroup.outputTokens v2/ThreadUsageBreakdownGroup.totalTokens
""")
"""Members whose numbers the reference types as `bigint`. On the wire they are plain JSON numbers."""

_OPTIONAL = """
    InitializeCapabilities.explicitGatewayOauth InitializeCapabilities.mcpServerOpenaiFormElicitation
    InitializeCapabilities.requiredHumanApproval RealtimeVoicesList.v3 WebSearchAction.pattern WebSearchAction.queries
    WebSearchAction.query WebSearchAction.url v2/DynamicToolFunctionSpec.deferLoading
    v2/GatewayOAuthReadResponse.supportsDeviceAuth v2/ThreadItemOutputDeferral.commandExecution
    v2/SkillInterface.brandColor v2/SkillInterface.defaultPrompt v2/SkillInterface.displayName v2/SkillInterface.iconLarge
    v2/SkillInterface.iconSmall v2/SkillInterface.shortDescription
    v2/ThreadItemOutputDeferral.mcpToolCall v2/TurnToolOutput.retain v2/UserInput.detail
    account/rateLimits/read account/usage/read
"""
_OPTIONAL_OR_NULL = """
    InitializeCapabilities.extensions InitializeCapabilities.optOutNotificationMethods v2/AdditionalContextEntry.name
    v2/ChatgptAuthTokensRefreshParams.previousAccountId v2/FileChangeRequestApprovalParams.grantRoot
    v2/FileChangeRequestApprovalParams.reason
    v2/GetAccountTokenUsageResponse.threadUsage v2/ItemCompletedNotification.contentTokenCount
    v2/McpServerOauthLoginCompletedNotification.loginId v2/MisalignmentErrorDetails.reviewTarget
    v2/ProcessExitedNotification.outputDrainTimedOut v2/ThreadItem.completedAtMs v2/ThreadItem.startedAtMs
    v2/ThreadUsage.nativeUsageUsdMicros
"""
_WRITTEN = "v2/ThreadRealtimeAppendTextParams.role"
_WRITTEN_OR_NULL = """
    v2/ConfigLayer.disabledReason v2/ConfigReadResponse.layers
    v2/ExternalAgentConfigImportHistoryRecordSuccessParams.cwd v2/ExternalAgentConfigImportHistoryRecordSuccessParams.source
    v2/ExternalAgentConfigImportHistoryRecordSuccessParams.target remoteControl/disable remoteControl/enable
"""

FORMS: dict[str, str] = {
    member: form
    for form, members in (
        ("?: {}", _OPTIONAL),
        ("?: {} | null", _OPTIONAL_OR_NULL),
        (": {}", _WRITTEN),
        (": {} | null", _WRITTEN_OR_NULL),
    )
    for member in members.split()
}
"""Members, and the params of methods, that depart from the rule: what follows the name; `{}` is the type without null."""

REST: dict[str, Any] = {"AppLinksConfig": AppLinkConfig, "AppToolsConfig": AppToolConfig, "AppsConfig": AppConfig}
"""What the members of any name are in an open object, if not anything."""
