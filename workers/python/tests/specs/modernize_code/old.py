# -*- coding: utf-8 -*-
from __future__ import print_function
import sys
from typing import Dict, List, Optional, Union
from collections import Mapping


class Shop(object):
    __metaclass__ = type

    def __init__(self, items: Optional[List[str]] = None):
        super(Shop, self).__init__()
        self.items: Dict[str, Union[int, str]] = dict((item, 1) for item in items or ())

    def show(self):
        if sys.version_info < (3, 6):
            text = u"%s items" % len(self.items)
        else:
            text = "{0} items".format(len(self.items))
        return text.encode("utf-8"), set([1, 2]), isinstance(self, (int, str))


def read(path):
    try:
        with open(path, "r") as file:
            return file.read()
    except (IOError, OSError):
        return None
