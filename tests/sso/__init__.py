"""Single sign-on against a provider of identities that answers over real HTTP."""
