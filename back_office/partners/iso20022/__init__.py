"""The ISO 20022 messages exchanged with the bank: typed values in, validated XML out, and back.

- `acmt023` asks whether an account is a person's, `acmt024` answers, `acmt022` advises of a new account, `pain001` pays.
- `schemas/` holds our own schemas of the parts of the public message definitions (https://www.iso20022.org) that are used here.
"""
