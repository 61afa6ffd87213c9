"""The Python framework whose services and clients must work with this server, unmodified.

cliffracer 1.0.0 says that it runs on Python 3.11, but has one class written in the syntax of 3.12
(PEP 695). Its type parameter does nothing at run time: where Python is older, the class is read
without it. Import the framework's names from here.
"""

import importlib.abc
import importlib.machinery
import sys

_MODULE = "cliffracer.core.extension"


class _OlderSyntax(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1):
        newer, older = b"class SharedDependency[T]:", b"class SharedDependency:"
        assert data.count(newer) == 1, "another cliffracer than the one this was written for"
        return super().source_to_code(data.replace(newer, older), path, _optimize=_optimize)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != _MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        spec.loader = _OlderSyntax(name, spec.origin)
        return spec


if sys.version_info < (3, 12):
    sys.meta_path.insert(0, _Finder())

from cliffracer import CliffracerService, RpcProxy, ServiceConfig, rpc  # noqa: E402
from cliffracer.client import ServiceClient  # noqa: E402
from cliffracer.core.exceptions import (  # noqa: E402
    ClientError,
    RPCError,
    RpcNoRespondersError,
    RpcUnknownMethodError,
)
from cliffracer.introspect import canonical, describe  # noqa: E402
from loguru import logger  # noqa: E402

logger.disable("cliffracer")  # it tells every call

__all__ = [
    "ClientError",
    "CliffracerService",
    "RPCError",
    "RpcNoRespondersError",
    "RpcProxy",
    "RpcUnknownMethodError",
    "ServiceClient",
    "ServiceConfig",
    "canonical",
    "describe",
    "rpc",
]
