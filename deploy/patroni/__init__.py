"""Three PostgreSQL nodes under Patroni on one machine, a leader killed under load, and the count afterwards."""
