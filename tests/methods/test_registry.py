"""A method is declared in its module alone: the registry finds it there, and reading it loads no torch."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
import torch
from pydantic import BaseModel, TypeAdapter, ValidationError

import core.methods
from core.methods.interface import BaseConfig, ConstrainedMethod, Problem, WeightedConfig
from core.methods.registry import METHODS, MethodConfig
from core.settings_field import settings_of

ANY = TypeAdapter(MethodConfig)


def test_every_module_that_declares_a_config_has_a_card_for_it_and_nobody_else_does() -> None:
    declared = {}
    for name in (module.name for module in iter_modules(core.methods.__path__)):
        module = import_module(f"core.methods.{name}")
        own = [
            value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__
        ]
        kinds = [c.model_fields["kind"].default for c in own if issubclass(c, BaseConfig)]
        declared |= {kind: name for kind in kinds if kind}
    assert declared.keys() == METHODS.keys()


@pytest.mark.parametrize("kind", METHODS)
def test_a_card_says_three_plain_sentences(kind: str) -> None:
    card = METHODS[kind]
    for sentence in (card.guarantee, card.cost, card.fails):
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert 20 < len(sentence) < 160
    assert card.formula
    assert card.source


@pytest.mark.parametrize("kind", METHODS)
def test_a_config_file_names_a_method_by_its_kind(kind: str) -> None:
    card = METHODS[kind]
    config = ANY.validate_python({"kind": kind})
    assert type(config) is card.config
    assert config == card.config()
    assert ANY.validate_json(ANY.dump_json(config)) == config
    with pytest.raises(ValidationError):
        ANY.validate_python({"kind": kind, "magic": 1})


@pytest.mark.parametrize("kind", METHODS)
def test_what_a_card_says_is_what_its_method_does(kind: str) -> None:
    card = METHODS[kind]
    method = card.config().build(Problem(("a", "b", "c"), torch.ones(3)))
    assert method.needs == card.needs
    stages = method.stages((2, 0, 1))
    assert card.staged == (len(stages) > 1)
    assert card.alone == (len(stages) == 1 and stages[0].objective == (2,))
    assert card.constrains == any(stage.constraints for stage in stages) == isinstance(method, ConstrainedMethod)
    assert card.weighted == issubclass(card.config, WeightedConfig)


@pytest.mark.parametrize("kind", METHODS)
def test_every_field_says_what_it_is(kind: str) -> None:
    config: type[BaseModel] = METHODS[kind].config
    for name, field in config.model_fields.items():
        if name != "kind":
            assert field.title, name
            assert (field.description or "").endswith("."), name
    for asked in settings_of(config).values():
        assert asked.choices or asked.step


def test_reading_what_methods_declare_loads_neither_torch_nor_a_solver() -> None:
    code = (
        "import sys, core.methods, core.methods.registry, core.settings.run\n"
        "assert not {'torch', 'torchjd', 'scipy', 'qpsolvers'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
