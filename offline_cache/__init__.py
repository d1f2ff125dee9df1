"""What the terminal keeps on its disk: the journal of what people did here, and signed reference data.

`journal` is the only thing that may not be lost: append-only, chained, encrypted, durable before it answers.
`database` is the one door to the encrypted engine, `migrations` the numbered steps of its schema,
`reference_store` keeps the back office's signed bundle with its age, `cli` is `guichet journal`.
"""
