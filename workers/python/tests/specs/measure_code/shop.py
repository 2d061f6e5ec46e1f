"""A shop."""

import os


class Shop:
    """Sells."""

    stock = {"apple": 1, "pear": 0x1}

    def sell(self, item: str, *, count: int = 1) -> bool:
        """Sells an item."""
        if item not in self.stock or self.stock[item] < count:
            return False
        self.stock[item] -= count
        return True

    def restock(self, items):
        for item, count in items:
            if count > 0 and item:
                try:
                    self.stock[item] += count
                except KeyError:
                    self.stock[item] = count


def load(path):
    # Reads lines of a file.
    def parse(line):
        return line.split(",") if line else None

    with open(os.path.join(path, "stock")) as file:
        return [parse(line) for line in file if line.strip()]
