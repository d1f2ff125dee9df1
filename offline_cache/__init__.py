"""What the terminal keeps on its disk: the journal of what people did here, lent records, and signed reference data.

`journal` is the only thing that may not be lost: append-only, chained, encrypted, durable before it answers;
`journal_file` is its file, and what becomes of it when the disk does what disks do; `earlier_journals` are those it
replaced, `salvage` reads what can be read of a file, `export` takes it out for the desk.
`cache` holds the records that the back office lends, sealed to their owners (`cache_database` its file, `records` its
rows, `cache_key` its keys, `lease` how long they may stay); it is disposable, and the journal never hears of it.
`database` is the one door to the encrypted engine, `migrations` the numbered steps of the journal's schema,
`reference_store` keeps the back office's signed bundle with its age, `cli` is `guichet journal`, `cache_cli`
`guichet cache`.
"""
