import asyncio
import tomllib
from functools import cache, lru_cache


@lru_cache
def first(a, /, *, b):
    match a:
        case [1, *rest]:
            return rest
    return {**a, **b} | {"x": 1}


async def main():
    async with asyncio.TaskGroup() as group, asyncio.timeout(1):
        group.create_task(first([1], b={}))
    print(f"{group=}")
    if (n := len("abc".removeprefix("a"))) > 1:
        raise ValueError from None
    return [x async for x in n]


def check(*args):
    return zip(args, args, strict=True), math.prod(args), (*args, 1)
