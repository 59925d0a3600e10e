"""What an administrator requires of the browser and of using the computer."""

from typing import Literal

from protocol.base import Record, TypeAliasType
from protocol.config_values import AllowDenyRequirement

BrowserUseAccessApprovalLifetime = TypeAliasType("BrowserUseAccessApprovalLifetime", Literal["turn", "thread"])
"""How long the user's permission for a site lasts."""


class BrowserUseOriginPolicy(Record):
    """What the browser may do on a site. Null: as usual."""

    access: AllowDenyRequirement | None = None
    """Whether it may go there."""
    downloads: AllowDenyRequirement | None = None
    """Whether it may download."""
    uploads: AllowDenyRequirement | None = None
    """Whether it may upload."""
    full_cdp_access: AllowDenyRequirement | None = None
    """Whether it may be steered in full."""
    auto_review: AllowDenyRequirement | None = None
    """Whether a reviewer may answer for the user."""
    persistent_approval: bool | None = None
    """Whether the user may allow it for good."""
    access_approval_lifetime: BrowserUseAccessApprovalLifetime | None = None
    """How long a permission lasts."""


class RequestHeader(Record):
    """A header of a request."""

    name: str
    """Its name."""
    value: str
    """Its value."""


class BrowserUseExtensionRequirements(Record):
    """Requirements of the browser's extension."""

    request_headers: list[RequestHeader] | None = None
    """Headers to send with each request; null: none."""


class BrowserUseRequirements(Record):
    """Requirements of the browser. Null: as usual."""

    extension: BrowserUseExtensionRequirements | None = None
    """Of its extension."""
    allow_webmcp: bool | None = None
    """Whether sites may offer tools."""
    allow_history_access: bool | None = None
    """Whether the history may be read."""
    disable_auto_review: bool | None = None
    """Whether no reviewer may answer for the user."""
    allow_global_persistent_approval: bool | None = None
    """Whether the user may allow all sites for good."""
    default_origin_policy: BrowserUseOriginPolicy | None = None
    """For all sites that are not listed."""
    origins: dict[str, BrowserUseOriginPolicy] | None = None
    """By site."""


class ComputerUseMacosRequirements(Record):
    """Programs on macOS."""

    bundle_ids: dict[str, AllowDenyRequirement] | None = None
    """By bundle id; null: none."""


class ComputerUseWindowsExeRequirement(Record):
    """A program on Windows, by its signature."""

    publisher_name: str
    """Who signed it."""
    product_name: str
    """What product it belongs to."""
    binary_name: str | None = None
    """Its file; null: any of the product."""
    access: AllowDenyRequirement
    """Whether it may be used."""


class ComputerUseWindowsRequirements(Record):
    """Programs on Windows."""

    aumids: dict[str, AllowDenyRequirement] | None = None
    """By application id; null: none."""
    exes: list[ComputerUseWindowsExeRequirement] | None = None
    """By signature; null: none."""


class ComputerUseRequirements(Record):
    """Requirements of using the computer. Null: as usual."""

    allow_locked_computer_use: bool | None = None
    """Whether it may be used while it is locked."""
    allow_persistent_approval: bool | None = None
    """Whether the user may allow a program for good."""
    default_app_access: AllowDenyRequirement | None = None
    """For all programs that are not listed."""
    macos: ComputerUseMacosRequirements | None = None
    """On macOS."""
    windows: ComputerUseWindowsRequirements | None = None
    """On Windows."""


class InAppBrowserRequirements(Record):
    """Requirements of the browser inside the client."""

    allow_external_browser_settings_import: bool | None = None
    """Whether settings of other browsers may be taken over; null: as usual."""
