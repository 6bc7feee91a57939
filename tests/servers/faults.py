"""What the faults of every network's server share: a plan of them, and the bucket behind a pace."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar


@dataclass(kw_only=True)
class Planned(ABC):
    """A fault that waits for the calls it is planned for; what it does to them is the network's own."""

    method: str
    kind: str
    times: int | None = 1
    """None means until cleared."""
    skip: int = 0
    seconds: float = 3600.0
    description: str = ""
    hits: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, method: str, to: Any) -> bool:
        """Whether a call to somebody is one of those; `to` is the network's own name for a chat."""
        if not self.concerns(to):
            return False
        if self.method.endswith("*"):
            return method.startswith(self.method[:-1]) and (self.method != "*" or method != "webhook")
        return self.method == method

    @abstractmethod
    def concerns(self, to: Any) -> bool:
        """Whether the fault is for calls to this chat; a fault that names none is for all."""


Sort = TypeVar("Sort", bound=Planned)


class Plan(Generic[Sort]):
    """The planned faults, met in the order they were planned."""

    kinds: frozenset[str]
    """What a fault may be besides a number."""

    def __init__(self) -> None:
        self.planned: list[Sort] = []

    def add(self, fault: Sort) -> Sort:
        if fault.kind not in self.kinds and not fault.kind.isdigit():
            raise ValueError(f"no such fault: {fault.kind}")
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults; calls that hang are let go."""
        for fault in self.planned:
            fault.over.set()
        self.planned.clear()

    def take(self, method: str, to: Any) -> Sort | None:
        """The fault this call meets, counted as used."""
        for fault in self.planned:
            if not fault.meets(method, to) or (fault.times is not None and fault.hits >= fault.times):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            fault.met.set()
            return fault
        return None


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at a rate; whoever sends takes one."""

    tokens: float
    at: float

    def wait(self, now: float, rate: float, burst: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / rate
