"""A plain page of the API's operations, from its own description: no script, nothing from elsewhere."""

from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse

_STYLE = "body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}code{white-space:nowrap}" + (
    "td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ccc}"
)


def add_docs(app: FastAPI) -> None:
    """Serve it at /api/docs."""

    async def docs() -> HTMLResponse:
        return HTMLResponse(render(app.openapi()))

    app.add_api_route("/api/docs", docs, include_in_schema=False)


def render(openapi: dict[str, Any]) -> str:
    """The page."""
    rows = [
        f"<tr><td><code>{method.upper()} {escape(path)}</code><td>{escape(operation.get('description', ''))}"
        f"<td>{_body(operation)}<td>{', '.join(operation['responses'])}"
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    shapes = [_shape(name, schema) for name, schema in openapi["components"]["schemas"].items()]
    title = f"{escape(openapi['info']['title'])} {escape(openapi['info']['version'])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><p>For programs: <a href="/api/openapi.json">/api/openapi.json</a></p>'
        f"<table><tr><th>Operation<th>What it does<th>Body<th>Answers{''.join(rows)}</table>{''.join(shapes)}"
    )


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return escape(_type(content.get("schema", {})))


def _shape(name: str, schema: dict[str, Any]) -> str:
    fields = [
        f"<tr><td><code>{escape(field)}</code><td>{escape(_type(of))}<td>{escape(of.get('description', ''))}"
        for field, of in schema.get("properties", {}).items()
    ]
    return f"<h2>{escape(name)}</h2><p>{escape(schema.get('description', ''))}</p><table>{''.join(fields)}</table>"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("type", ""))
