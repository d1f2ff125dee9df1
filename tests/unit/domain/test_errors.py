"""A fault of the world says what is wrong and what to do, in that order."""

from __future__ import annotations

from kiosk.domain.errors import EnvironmentFault, KioskError


def test_a_fault_names_the_thing_and_the_remedy():
    fault = EnvironmentFault("/dev/usb/lp0 is not there.", "Plug the printer in.")
    assert isinstance(fault, KioskError)
    assert (fault.what, fault.remedy) == ("/dev/usb/lp0 is not there.", "Plug the printer in.")
    assert str(fault) == "/dev/usb/lp0 is not there. Plug the printer in."
