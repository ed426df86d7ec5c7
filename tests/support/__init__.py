"""What tests share: small packs, and the life of one case over the pure step."""
