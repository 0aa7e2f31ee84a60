"""Logging: one event a line, key=value or JSON, always with unit_id or incident_id where there is one."""

import logging
import sys

import structlog

from sigap_server.settings import LogSettings


def configure(settings: LogSettings) -> None:
    """Let structlog and the standard library's loggers write to stderr in the same form."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    is_terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=settings.format == "json"),
        _drop_unknown,
    ]
    render: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.format == "json"
        else [structlog.dev.ConsoleRenderer(colors=is_terminal)]
    )
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    # Libraries speak up when something is wrong; what is usual is for the debugger of the library.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _drop_unknown(
    _logger: structlog.typing.WrappedLogger, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """unit_id=None says nothing."""
    return {key: value for key, value in event.items() if value is not None}
