"""`config/value/write` and `config/batchWrite`."""

from app_server.core.config.edit import BadKeyPath, Edit, split_path
from app_server.core.config.writing import Written, refused, write
from app_server.services import Context
from protocol.config import (
    ConfigBatchWriteParams,
    ConfigEdit,
    ConfigLayerMetadata,
    ConfigValueWriteParams,
    ConfigWriteResponse,
    OverriddenMetadata,
)


def write_value(context: Context, params: ConfigValueWriteParams) -> ConfigWriteResponse:
    """Write one setting."""
    edits = [edit_of(params)]
    return answer(write(context.services.config, edits, params.file_path, params.expected_version))


def write_batch(context: Context, params: ConfigBatchWriteParams) -> ConfigWriteResponse:
    """Write several settings, all or none; with `reloadUserConfig`, loaded threads go on with the new configuration."""
    services = context.services
    written = write(services.config, [edit_of(each) for each in params.edits], params.file_path, params.expected_version)
    if params.reload_user_config:
        services.threads.reload()
    return answer(written)


def edit_of(params: ConfigValueWriteParams | ConfigEdit) -> Edit:
    """The edit that is asked for. Raises: CallerError."""
    try:
        path = split_path(params.key_path)
    except BadKeyPath as error:
        raise refused(str(error), "configValidationError") from None
    return Edit(path, params.value, is_merge=params.merge_strategy == "upsert")


def answer(written: Written) -> ConfigWriteResponse:
    """The result as clients see it."""
    over = written.overridden
    metadata = None
    if over is not None:
        layer = ConfigLayerMetadata.model_validate({"name": over.source, "version": over.version})
        metadata = OverriddenMetadata(message=over.message, overriding_layer=layer, effective_value=over.value)
    return ConfigWriteResponse(
        status="ok" if over is None else "okOverridden",
        version=written.version,
        file_path=str(written.file),
        overridden_metadata=metadata,
    )
