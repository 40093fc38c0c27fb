"""OAuth server of a workspace: programs act for people who agree (PLT-63, SAAS.md A9, decision 0029)."""
