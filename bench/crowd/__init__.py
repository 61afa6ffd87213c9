"""A crowd of clients, which bench/recovery and bench/joins tell what to do: troupe-crowd."""
