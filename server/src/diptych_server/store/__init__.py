"""The only room with DDL and INSERTs: the engine, its migrations, blobs, accounts, retention."""
