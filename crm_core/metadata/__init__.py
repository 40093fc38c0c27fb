"""What the workspace knows about its objects: entities, attribute types, declarations and published customization."""
