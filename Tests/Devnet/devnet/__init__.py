"""A chain for tests: the Ethereum Foundation's executable specification behind geth's JSON-RPC manners."""
