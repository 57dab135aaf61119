from copy import deepcopy

import torch
from torch import nn

from genai.training.muon import Muon, orthogonal


def test_singular_values_come_near_one() -> None:
    torch.manual_seed(0)

    for shape in ((3, 16, 16), (2, 8, 32), (2, 32, 8)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert values.min() > 0.5
        assert values.max() < 1.4


def a_net() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 1))


def groups(net: nn.Module) -> list[dict[str, object]]:
    parameters = list(net.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "orthogonal": True, "weight_decay": 0.0},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


def learn(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> float:
    random = torch.Generator().manual_seed(2)
    inputs = torch.randn(256, 16, generator=random)
    wanted = inputs[:, :1] * inputs[:, 1:2]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(inputs), wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return loss.item()


def test_muon_reduces_the_loss() -> None:
    net = a_net()

    assert learn(net, Muon(groups(net), lr=0.03, betas=(0.9, 0.95)), 150) < 0.02


def test_every_weight_is_updated() -> None:
    net = a_net()
    before = deepcopy(net.state_dict())

    learn(net, Muon(groups(net), lr=0.01, betas=(0.9, 0.95)), 1)

    assert all(not torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_its_state_can_be_saved_and_restored() -> None:
    net = a_net()
    optimizer = Muon(groups(net), lr=0.01, betas=(0.9, 0.95))
    learn(net, optimizer, 5)
    copied = deepcopy(net)
    fresh = Muon(groups(copied), lr=0.01, betas=(0.9, 0.95))
    fresh.load_state_dict(deepcopy(optimizer.state_dict()))

    assert learn(copied, fresh, 5) == learn(net, optimizer, 5)
