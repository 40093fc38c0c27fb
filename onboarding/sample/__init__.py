"""Sample data of a new workspace: a dealer of coffee machines and his customers, in the workspace's language."""
