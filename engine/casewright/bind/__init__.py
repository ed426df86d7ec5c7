"""From validated specs to compiled expressions: fields, scopes, roles, names."""
