"""What `Case.loadability` gives."""

from __future__ import annotations

from typing import NamedTuple


class Loadability(NamedTuple):
    """The limit to which all electric loads can be raised together."""

    factor: float
    """the factor on all loads at the last power flow that was found"""
    lost: bool
    """True when no power flow exists beyond; False when the factor asked for was reached"""
    bus: str
    """a port of the bus whose voltage had fallen most"""
    voltage: float
    """the voltage of that bus over its voltage without load"""
    converter: str = ""
    """the converter whose current limit ends the power flow, empty where a bus voltage ends it"""

    @property
    def where(self) -> str:
        """What ends the power flow, as text: the converter at its current limit, else the bus."""
        return f"{self.converter}, at its current limit" if self.converter else self.bus
