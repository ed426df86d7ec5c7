"""Tables of packs as DMN models, and back."""
