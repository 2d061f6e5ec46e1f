"""Drives a Python client: reads a question a line, prints an answer a line; see ../program.mjs.

Usage: drive.py mcp|fastmcp MODE URL
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import fastmcp
import mcp


class Mcp:
    """The client of the package mcp."""

    def __init__(self, url: str, mode: str) -> None:
        self.client = mcp.Client(url, mode=mode)

    async def tools(self):
        return (await self.client.list_tools()).tools

    async def call(self, name, arguments, on_progress):
        result = await self.client.call_tool(name, arguments, progress_callback=on_progress)
        return result.content, result.structured_content, result.is_error

    async def resources(self):
        return (await self.client.list_resources()).resources

    async def templates(self):
        return (await self.client.list_resource_templates()).resource_templates

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents

    async def prompts(self):
        return (await self.client.list_prompts()).prompts

    async def prompt(self, name, arguments):
        return await self.client.get_prompt(name, arguments)


class FastMcp(Mcp):
    """The client of the package fastmcp: its methods give lists, and its calls raise on an error unless told not to."""

    def __init__(self, url: str, mode: str) -> None:
        self.client = fastmcp.Client(url, mode=mode)

    async def tools(self):
        return await self.client.list_tools()

    async def call(self, name, arguments, on_progress):
        result = await self.client.call_tool(name, arguments, progress_handler=on_progress, raise_on_error=False)
        return result.content, result.structured_content, result.is_error

    async def resources(self):
        return await self.client.list_resources()

    async def templates(self):
        return await self.client.list_resource_templates()

    async def read(self, uri):
        return await self.client.read_resource(uri)

    async def prompts(self):
        return await self.client.list_prompts()


async def answer(client: Mcp, question: dict):
    """What the client says to a question."""
    match question["ask"]:
        case "tools":
            return [tool.name for tool in await client.tools()]
        case "call":
            notes = []

            async def on_progress(progress, total, message):
                notes.append({"progress": progress, "total": total, "message": message})

            hears = on_progress if question["progress"] else None
            content, structured, is_error = await client.call(question["name"], question["arguments"], hears)
            content = [block.model_dump(mode="json", by_alias=True, exclude_none=True) for block in content]
            return {"result": {"content": content, "structuredContent": structured, "isError": is_error}, "notes": notes}
        case "resources":
            return [str(resource.uri) for resource in await client.resources()]
        case "templates":
            return [template.uri_template for template in await client.templates()]
        case "read":
            return (await client.read(question["uri"]))[0].text
        case "prompts":
            return [prompt.name for prompt in await client.prompts()]
        case "prompt":
            return (await client.prompt(question["name"], question["arguments"])).messages[0].content.text
        case other:
            raise ValueError(f"no question {other}")


async def questions() -> AsyncIterator[dict]:
    """The questions on standard input."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield json.loads(line)


async def main(package: str, mode: str, url: str) -> None:
    """Connects, then answers until the input ends."""
    client = {"mcp": Mcp, "fastmcp": FastMcp}[package](url, mode)
    async with client.client:
        async for question in questions():
            try:
                said = {"answer": await answer(client, question)}
            except Exception as error:  # Whatever a client raises is what the test must show.
                said = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(said), flush=True)


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")
    asyncio.run(main(*sys.argv[1:]))
