"""Puts the demonstration's people into an empty back office, issues their cards, and gives the bank its own customers.

Rules:
- Everything is written in one transaction; a second call finds the people there and changes nothing.
- The record learns of certificates from the cards as they were issued, so that revocation names real serial numbers.
- STATE/demo.json tells scripts and people which account belongs to which visit; nothing in the product reads it.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from cryptography import x509

from back_office import audit
from back_office.demo import cards
from back_office.demo.population import OFFICES, SEED, SILENT_HOUSE, populate
from back_office.partners.customers import Customer, House, write_customers
from back_office.repository import desk, people, terminals, timestamp
from back_office.repository.desk import Officer
from back_office.repository.people import Card, Pension, PersonRow
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.errors import EnvironmentFault
