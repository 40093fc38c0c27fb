"""Action parameters as attributes, so that the same types parse and describe them."""

from __future__ import annotations

from crm_core.metadata import registry, types
from crm_core.metadata.entity import Attribute, Parameter


def parameter_attribute(parameter: Parameter) -> Attribute:
    """A parameter as an attribute, so that the same types parse it."""
    options = parameter.options
    if parameter.option_list:
        options = registry.current().option_lists[parameter.option_list]
    return Attribute(
        parameter.name, parameter.label, types.get(parameter.type), column=parameter.name, targets=parameter.targets, options=options,
        max_length=parameter.max_length or (4000 if parameter.type == "text" else None), min=parameter.min, max=parameter.max,
        precision=parameter.precision,
    )  # fmt: skip
