"""Who: regions, industries, organisations, people and their roles, facts about enterprises with their provenance."""
