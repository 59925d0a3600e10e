"""The requirements tools family of the wire contract."""

from typing import Literal

from protocol.base import Record, TypeAliasType
from protocol.config_values import AllowDenyRequirement

BrowserUseAccessApprovalLifetime = TypeAliasType("BrowserUseAccessApprovalLifetime", Literal["turn", "thread"])
"""Browser use access approval lifetime."""


class BrowserUseOriginPolicy(Record):
    """Browser use origin policy."""

    access: AllowDenyRequirement | None = None
    downloads: AllowDenyRequirement | None = None
    uploads: AllowDenyRequirement | None = None
    full_cdp_access: AllowDenyRequirement | None = None
    auto_review: AllowDenyRequirement | None = None
    persistent_approval: bool | None = None
    access_approval_lifetime: BrowserUseAccessApprovalLifetime | None = None


class RequestHeader(Record):
    """Request header."""

    name: str
    value: str


class BrowserUseExtensionRequirements(Record):
    """Browser use extension requirements."""

    request_headers: list[RequestHeader] | None = None


class BrowserUseRequirements(Record):
    """Browser use requirements."""

    extension: BrowserUseExtensionRequirements | None = None
    allow_webmcp: bool | None = None
    allow_history_access: bool | None = None
    disable_auto_review: bool | None = None
    allow_global_persistent_approval: bool | None = None
    default_origin_policy: BrowserUseOriginPolicy | None = None
    origins: dict[str, BrowserUseOriginPolicy] | None = None


class ComputerUseMacosRequirements(Record):
    """Computer use macos requirements."""

    bundle_ids: dict[str, AllowDenyRequirement] | None = None


class ComputerUseWindowsExeRequirement(Record):
    """Computer use windows exe requirement."""

    publisher_name: str
    product_name: str
    binary_name: str | None = None
    access: AllowDenyRequirement


class ComputerUseWindowsRequirements(Record):
    """Computer use windows requirements."""

    aumids: dict[str, AllowDenyRequirement] | None = None
    exes: list[ComputerUseWindowsExeRequirement] | None = None


class ComputerUseRequirements(Record):
    """Computer use requirements."""

    allow_locked_computer_use: bool | None = None
    allow_persistent_approval: bool | None = None
    default_app_access: AllowDenyRequirement | None = None
    macos: ComputerUseMacosRequirements | None = None
    windows: ComputerUseWindowsRequirements | None = None


class InAppBrowserRequirements(Record):
    """In app browser requirements."""

    allow_external_browser_settings_import: bool | None = None
