"""Module text."""
import os


def wrapper(f):
    def inner(*args, **kwargs):
        if args:
            return f(*args)
        return None
    return inner


class Stack:
    @property
    def top(self):
        """The
        newest item."""
        return self.items[-1] if self.items else None

    def walk(self, depth, *, seen=None, **options):
        for item in self.items:  # nesting 1
            try:
                if item in seen and depth or item is None:
                    continue
                elif depth > 3:
                    walk(item, depth)
                else:
                    self.walk(item)
            except (KeyError, ValueError):
                return [x for row in item for x in row if x]
            finally:
                seen.add(item)
        else:
            return f"{depth and 1}"

    def kind(self, value):
        match value:
            case int() if value > 0 and depth:
                return "positive"
            case _:
                return lambda: value or None
