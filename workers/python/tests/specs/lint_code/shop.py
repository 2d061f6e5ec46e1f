import os
import sys, json
from typing import List, Optional


def total(prices: List[float], discount=[]) -> Optional[float]:
    sum = 0
    for price in prices:
        sum += price
    if prices == None:
        return None
    try:
        result = sum * (1 - discount[0])
    except:
        pass
    print("total is %s" % (sum,))
    print(f"done")
    return reslt


class Cart(object):
    items = []

    def add(self, item):
        self.items.append(item)
        return None
