//! Knowledge: what the authority and the public services say, found in the words people use.
