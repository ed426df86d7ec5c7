"""Reading specs: YAML with positions, models, schemas, packs, binding."""
